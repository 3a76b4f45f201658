import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { workersVariable } from "../../server/cli/workers.ts";
import { settings } from "../../server/settings/setting.ts";
import { configVariable, loadSettings } from "../../server/settings.ts";
import { startServer } from "../support/server.ts";
import { secret } from "../support/tokens.ts";
import { readPlainYaml, type Yaml } from "./plain-yaml.ts";

const documents = readPlainYaml(readFileSync("docs/deploy/kubernetes.yaml", "utf8"));
const POD = "spec.template.spec";
const CONTAINER = `${POD}.containers.0`;
const POLLING = ["/longpoll", "/socket/longpoll", "/websocket/longpoll", "/socket.io/"];

/** What is at a path in a value. */
function at(value: Yaml | undefined, path: string): Yaml | undefined {
  return path
    .split(".")
    .reduce<Yaml | undefined>(
      (level, name) =>
        level instanceof Map
          ? (level as ReadonlyMap<string, Yaml>).get(name)
          : Array.isArray(level)
            ? (level as readonly Yaml[])[Number(name)]
            : undefined,
      value,
    );
}

function listAt(value: Yaml | undefined, path: string): readonly Yaml[] {
  const list = at(value, path);
  return Array.isArray(list) ? (list as readonly Yaml[]) : [];
}

function object(kind: string, name = "commonroom"): Yaml {
  const found = documents.filter(
    (document) => document.get("kind") === kind && at(document, "metadata.name") === name,
  );
  if (found.length !== 1 || found[0] === undefined) throw new Error(`${kind} ${name}`);
  return found[0];
}

const deployment = object("Deployment");
const container = at(deployment, CONTAINER);
const environment = new Map(
  listAt(container, "env").map((entry) => [String(at(entry, "name")), entry] as const),
);
const data = at(object("ConfigMap"), "data");
const file = data instanceof Map ? String(data.get("commonroom.toml")) : "";

/** The settings of a pod whose secrets are good. */
function loaded() {
  const given = new Map<string, string>();
  for (const [name, entry] of environment) given.set(name, String(at(entry, "value") ?? "pod-1"));
  given.set("JWT_SECRET", secret).set("REDIS_URL", "redis://gateway:secret@redis:6379");
  return loadSettings({
    flags: new Map(),
    environment: Object.fromEntries(given),
    readFile: (path) => {
      expect(path).toBe(`${String(at(container, "volumeMounts.0.mountPath"))}/commonroom.toml`);
      return file;
    },
  });
}

describe("the Kubernetes manifests", () => {
  it("set environment variables that exist, and no other", () => {
    const known = [configVariable, workersVariable, ...settings.map(({ variable }) => variable)];
    for (const name of environment.keys()) expect(known).toContain(name);
    expect([...environment.keys()]).toEqual(
      expect.arrayContaining(["NODE_NAME", "JWT_SECRET", "REDIS_URL", "HOST"]),
    );
  });

  it("give settings that a node starts with", () => {
    const settingsOfPod = loaded();
    if (!settingsOfPod.ok) throw new Error(settingsOfPod.problems.join("\n"));
    const { options } = settingsOfPod;
    expect(options).toMatchObject({ host: "0.0.0.0", node: "pod-1" });
    expect(options.port).toBe(at(container, "ports.0.containerPort"));
    expect(new URL(options.publicUrl ?? "").hostname).toBe(
      at(object("Ingress"), "spec.rules.0.host"),
    );
  });

  it("take the node's name from the pod, and secrets from a Secret", () => {
    expect(at(environment.get("NODE_NAME"), "valueFrom.fieldRef.fieldPath")).toBe("metadata.name");
    for (const name of ["JWT_SECRET", "REDIS_URL"]) {
      expect(at(environment.get(name), "valueFrom.secretKeyRef.name")).toBe("commonroom");
      expect(at(environment.get(name), "value")).toBeUndefined();
    }
  });

  it("give a node longer to end than its shutdown takes", () => {
    const settingsOfPod = loaded();
    if (!settingsOfPod.ok) throw new Error("no settings");
    const [, preStopSecs] = listAt(container, "lifecycle.preStop.exec.command");
    const graceSecs = Number(at(deployment, `${POD}.terminationGracePeriodSeconds`));
    const { shutdownTimeoutMs, drainEveryMs } = settingsOfPod.options.limits;
    expect(Number(preStopSecs)).toBeGreaterThan(0);
    const leftMs = (graceSecs - Number(preStopSecs)) * 1000;
    expect(leftMs).toBeGreaterThan(shutdownTimeoutMs + drainEveryMs);
  });

  it("ask whether a node is ready at /ready, and whether it lives at /health", async () => {
    expect(at(container, "readinessProbe.httpGet.path")).toBe("/ready");
    const { url } = await startServer();
    for (const probe of ["livenessProbe", "startupProbe"]) {
      const path = String(at(container, `${probe}.httpGet.path`));
      expect([path, (await fetch(url + path)).status]).toEqual(["/health", 200]);
    }
  });

  it("name the port and the pods alike everywhere", () => {
    const app = at(deployment, "spec.template.metadata.labels.app");
    const port = at(container, "ports.0.name");
    const services = [object("Service"), object("Service", "commonroom-polling")];
    for (const service of services) {
      expect(at(service, "spec.selector.app")).toBe(app);
      expect(at(service, "spec.ports.0.targetPort")).toBe(port);
    }
    expect(at(deployment, "spec.selector.matchLabels.app")).toBe(app);
    expect(at(object("PodDisruptionBudget"), "spec.selector.matchLabels.app")).toBe(app);
    for (const probe of ["readinessProbe", "livenessProbe", "startupProbe"]) {
      expect(at(container, `${probe}.httpGet.port`)).toBe(port);
    }
  });

  it("keep a client on its node for long-polling, and for nothing else", () => {
    expect(at(object("Service"), "spec.sessionAffinity")).toBeUndefined();
    expect(at(object("Service", "commonroom-polling"), "spec.sessionAffinity")).toBe("ClientIP");
    const paths = listAt(object("Ingress", "commonroom-polling"), "spec.rules.0.http.paths");
    expect(paths.map((path) => at(path, "path")).toSorted()).toEqual(POLLING.toSorted());
    for (const path of paths) expect(at(path, "backend.service.name")).toBe("commonroom-polling");
    const [all, ...others] = listAt(object("Ingress"), "spec.rules.0.http.paths");
    expect(at(all, "path")).toBe("/");
    expect(at(all, "backend.service.name")).toBe("commonroom");
    expect(others).toEqual([]);
  });

  it("run a node as somebody who is not root, and who cannot write", () => {
    expect(at(deployment, `${POD}.securityContext.runAsNonRoot`)).toBe(true);
    expect(at(container, "securityContext.readOnlyRootFilesystem")).toBe(true);
    expect(at(container, "securityContext.allowPrivilegeEscalation")).toBe(false);
  });
});

describe("the reader of the manifests", () => {
  it("reads mappings, sequences, scalars and literal blocks", () => {
    const text = 'a:\n  b:\n    - c: 1\n      d: "2"\n    - plain\nt: |\n  x = 1\n\n  y\n# end\n';
    expect(readPlainYaml(text)).toEqual([
      new Map<string, Yaml>([
        [
          "a",
          new Map([
            [
              "b",
              [
                new Map<string, Yaml>([
                  ["c", 1],
                  ["d", "2"],
                ]),
                "plain",
              ],
            ],
          ]),
        ],
        ["t", "x = 1\n\ny\n"],
      ]),
    ]);
  });

  it.each([
    "a: [1]",
    "a: &x 1",
    "a: *x",
    "a: !tag 1",
    "a: yes",
    "a: 1.5",
    "a: 0x1F",
    "a: 1\na: 2",
    "a: b: c",
    "a: b # c",
    "a:\n   b: 1",
    "a:\n\tb: 1",
    "a: 'b'",
    "a: >\n  b",
    "- a",
    "a",
  ])("refuses %j", (text) => {
    expect(() => readPlainYaml(text)).toThrow();
  });
});

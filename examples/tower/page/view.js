import { createJobList } from "./job-list.js";
import { createOutput } from "./output.js";

/**
 * Shows the jobs and the output of one of them: the newest, until the visitor chooses another.
 *
 * @param {typeof import("./awx-connection.js").connectAsAwx} connect
 */
export async function startView(connect) {
  const [{ webSocketUrl }, templates, known] = await Promise.all(
    ["config.json", "api/v2/job_templates.json", "api/v2/unified_jobs.json"].map(fetchJson),
  );
  const byId = new Map(templates.map((template) => [template.id, template]));
  const state = document.querySelector(".state");
  const output = createOutput();
  const list = createJobList(byId, (job) => follow(job, true));
  let followed = 0;
  let isChosen = false;

  const connection = connect(webSocketUrl, {
    onMessage: receive,
    onState(text) {
      document.body.dataset.state = text;
      state.textContent = text;
    },
  });
  for (const job of known.toReversed()) update(job);

  function receive(message) {
    if (message.group_name === "job_events") {
      if (message.job === followed) output.add(message);
    } else if (message.group_name === "jobs" && "status" in message) update(message);
    else if ("final_counter" in message) list.summarise(message);
  }

  function update(job) {
    list.update(job);
    const isNew = job.unified_job_id > followed;
    const isOver = !isChosen || list.hasEnded(followed);
    if (isNew && isOver) follow(job, false);
    else if (job.unified_job_id === followed) output.showStatus(job);
  }

  function follow(job, isByHand) {
    followed = job.unified_job_id;
    isChosen = isByHand;
    list.mark(followed);
    output.open(job, byId.get(job.unified_job_template_id));
    connection.follow(followed);
  }
}

async function fetchJson(path) {
  return (await fetch(path)).json();
}

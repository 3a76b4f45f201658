import os from "node:os";

/** Share of the time since the last reading in which the processors were busy, in percent. */
export class CpuLoad {
  #last = readCpuTimes();

  read(): number {
    const now = readCpuTimes();
    const [busy, total] = [now.busy - this.#last.busy, now.total - this.#last.total];
    this.#last = now;
    return total > 0 ? (100 * busy) / total : 0;
  }
}

/** Memory that is not available to new programs, in percent. */
export function ramUsage(): number {
  return 100 * (1 - os.freemem() / os.totalmem());
}

/** How long the machine has been up: `0:00:05`, `1 day, 2:03:04`, as Python prints a timedelta. */
export function uptime(): string {
  const seconds = Math.floor(os.uptime());
  const days = Math.floor(seconds / 86_400);
  const hours = Math.floor(seconds / 3600) % 24;
  const [minutes, rest] = [Math.floor(seconds / 60) % 60, seconds % 60].map((value) =>
    String(value).padStart(2, "0"),
  );
  const time = `${hours}:${minutes}:${rest}`;
  if (days === 0) return time;
  return `${days} ${days === 1 ? "day" : "days"}, ${time}`;
}

function readCpuTimes(): { busy: number; total: number } {
  let [busy, total] = [0, 0];
  for (const { times } of os.cpus()) {
    const busyMs = times.user + times.nice + times.sys + times.irq;
    busy += busyMs;
    total += busyMs + times.idle;
  }
  return { busy, total };
}

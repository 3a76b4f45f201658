const MAX_JOBS = 8;
const ENDS = new Set(["successful", "failed", "error", "canceled"]);

/**
 * The latest jobs, the newest first.
 *
 * @param {Map<number, { name: string }>} templates
 * @param {(job: object) => void} onChosen
 */
export function createJobList(templates, onChosen) {
  const element = document.getElementById("jobs");
  /** @type {Map<number, { job: object, item: HTMLElement }>} */
  const jobs = new Map();

  function add(job) {
    const item = document.createElement("li");
    const button = document.createElement("button");
    button.type = "button";
    button.append(
      part("number", `Job ${job.unified_job_id}`),
      part("name", templates.get(job.unified_job_template_id)?.name ?? "a job"),
      part("status", ""),
      part("lines", ""),
    );
    button.addEventListener("click", () => onChosen(jobs.get(job.unified_job_id).job));
    item.append(button);
    element.prepend(item);
    while (element.childElementCount > MAX_JOBS) element.lastElementChild.remove();
    jobs.set(job.unified_job_id, { job, item });
  }

  return {
    update(job) {
      if (!jobs.has(job.unified_job_id)) add(job);
      const entry = jobs.get(job.unified_job_id);
      entry.job = job;
      entry.item.dataset.status = job.status;
      entry.item.querySelector(".status").textContent = job.status;
    },
    summarise({ unified_job_id, final_counter }) {
      const lines = jobs.get(unified_job_id)?.item.querySelector(".lines");
      lines?.replaceChildren(`${final_counter} lines`);
    },
    mark(jobId) {
      for (const [id, { item }] of jobs) {
        item.querySelector("button").ariaPressed = String(id === jobId);
      }
    },
    hasEnded: (jobId) => ENDS.has(jobs.get(jobId)?.job.status),
  };
}

function part(className, text) {
  const element = document.createElement("span");
  element.className = className;
  element.textContent = text;
  return element;
}

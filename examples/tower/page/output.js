/** Lines that a page keeps of one job. */
const MAX_LINES = 2000;

/** The output of the job that is followed. */
export function createOutput() {
  const title = document.getElementById("output-title");
  const command = document.getElementById("command");
  const lines = document.getElementById("output");

  function showStatus({ unified_job_id, status }) {
    title.textContent = `Output of job ${unified_job_id}: ${status}`;
  }

  return {
    showStatus,
    open(job, template) {
      lines.replaceChildren();
      command.textContent = template === undefined ? "" : `$ ${template.command.join(" ")}`;
      showStatus(job);
    },
    /** Lines are counted from the job's start: a page that comes later sees where it came in. */
    add({ counter, stdout }) {
      const line = document.createElement("li");
      line.value = counter;
      line.textContent = stdout;
      const isAtEnd = lines.scrollHeight - lines.scrollTop - lines.clientHeight < 40;
      lines.append(line);
      if (lines.childElementCount > MAX_LINES) lines.firstElementChild.remove();
      if (isAtEnd) lines.scrollTop = lines.scrollHeight;
    },
  };
}

/**
 * Asks the example's own server, which submits in a user's name: the page has no colony's key.
 *
 * @param {string} path
 * @param {object} [body] is posted where it is given
 */
export async function request(path, body) {
  const response = await fetch(path, body && posting(body));
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.reason);
  return answer;
}

function posting(body) {
  return {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  };
}

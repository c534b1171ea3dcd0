// Sends a notification and waits until it has arrived; needs nothing but Node.
//   NOTIFY_URL=… NOTIFY_SECRET=… node --experimental-strip-types docs/examples/send_and_wait.mts
import { createHash, createHmac, randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

const url = process.env.NOTIFY_URL ?? "http://127.0.0.1:8000";
const secret = process.env.NOTIFY_SECRET ?? "";
const keyId = process.env.NOTIFY_KEY_ID;

function signedHeaders(method: string, path: string, body: string): Record<string, string> {
  const timestamp = String(Date.now()); // milliseconds
  const nonce = randomUUID();
  const bodyHash = createHash("sha256").update(body).digest("hex");
  const message = ["2", timestamp, nonce, method, path, bodyHash].join("\n");
  return {
    "Content-Type": "application/json",
    "X-Signature-Version": "2",
    "X-Timestamp": timestamp,
    "X-Nonce": nonce,
    "X-Signature": createHmac("sha256", secret).update(message).digest("hex"),
    ...(keyId ? { "X-Key-Id": keyId } : {}),
  };
}

async function call(method: string, path: string, data?: object): Promise<any> {
  const body = data ? JSON.stringify(data) : ""; // made once: sign and send the same bytes
  for (let attempt = 1; ; attempt++) {
    let wait = 2 ** attempt * (250 + Math.random() * 250);
    try {
      const headers = signedHeaders(method, path, body); // a new timestamp for each try
      const answer = await fetch(url + path, { method, headers, body: body || undefined });
      if (answer.ok) return await answer.json();
      const mayPass = answer.status === 429 || answer.status >= 500;
      if (!mayPass || attempt === 5) throw new Error(await answer.text());
      wait = Math.max(wait, Number(answer.headers.get("Retry-After") ?? 0) * 1000);
    } catch (error) {
      const isNetwork = error instanceof TypeError; // what fetch throws without an answer
      if (!isNetwork || attempt === 5) throw error;
    }
    await sleep(wait);
  }
}

const sent = await call("POST", "/api/notifications/send", {
  user_id: process.env.USER_ID ?? "demo",
  custom_content: { subject: "Hello", content: "Sent with TypeScript. 你好!" },
  idempotency_key: randomUUID(), // a retry after a lost answer does not send twice
});
const settled = ["sent", "failed", "unknown", "cancelled", "expired"];
for (const result of sent.results) {
  let log = result;
  while (!settled.includes(log.status)) {
    await sleep(300);
    log = (await call("GET", `/api/notifications/${result.message_id}`)).data.log;
  }
  console.log(result.channelType, log.status);
}

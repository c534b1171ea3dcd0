// A caller of the existing fleet: it knows the fixed scheme, the documented paths and
// `response.ok`, and sends its DELETEs with a JSON body. Every call has to succeed.
import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";

const { NOTIFICATIONS_URL, API_SECRET_KEY, USER_ID, CONFIG, LOGIN, ALERTS } = process.env;
const KEY = `${USER_ID}-template`;
const calls = [];

async function call(method, path, body, headers = {}) {
  const response = await fetch(NOTIFICATIONS_URL + path, {
    method,
    headers: { "Content-Type": "application/json", ...headers },
    body: body && JSON.stringify(body),
  });
  const text = await response.text();
  calls.push(`${method} ${path.split("?")[0]} ${response.status}`);
  if (!response.ok) {
    console.error(calls.join("\n"), text);
    process.exit(1);
  }
  return JSON.parse(text);
}

function signed(method, path, body) {
  const timestamp = Date.now().toString();
  const isInBody = ["POST", "PUT", "PATCH"].includes(method);
  const payload = isInBody ? (body ? JSON.stringify(body) : "") : path;
  const signature = createHmac("sha256", API_SECRET_KEY).update(timestamp + payload);
  return call(method, path, body, {
    "X-Timestamp": timestamp,
    "X-Signature": signature.digest("hex"),
  });
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const logsPath = `/api/notification-logs?user_id=${USER_ID}&limit=100`;

async function settledLogs(count) {
  for (let turn = 0; turn < 100; turn += 1) {
    const { logs } = (await signed("GET", logsPath)).data;
    if (logs.length === count && logs.every((log) => log.status === "sent")) return logs;
    await pause(100);
  }
  throw new Error("the notifications were not sent");
}

await call("GET", "/health");
await signed("POST", "/api/user-configs", {
  user_id: USER_ID,
  channel_type: "webhook",
  config_data: JSON.parse(CONFIG),
});
const configs = await signed("GET", `/api/user-configs?user_id=${USER_ID}`);
await signed("POST", `/api/templates?key=${KEY}`, {
  name: "Deployed",
  description: "",
  variables: ["service"],
  contents: {
    webhook: { content_type: "text", content_template: "{{ service }} is live." },
  },
});
await signed("GET", `/api/templates?key=${KEY}`);
await signed("GET", "/api/templates");
const custom = await signed("POST", "/api/notifications/send", {
  user_id: USER_ID,
  channels: ["webhook"],
  custom_content: { subject: "Hello", content: `Hello ${USER_ID}` },
});
const byTemplate = await signed("POST", "/api/send-notification", {
  user_id: USER_ID,
  channels: ["webhook"],
  template_key: KEY,
  variables: { service: `shop of ${USER_ID}` },
});
for (const state of ["firing", "resolved"]) {
  const alerts = JSON.parse(readFileSync(`${ALERTS}/${state}.json`, "utf8"));
  await call("POST", "/api/webhooks/grafana", { ...alerts, receiver: USER_ID }, {
    Authorization: `Basic ${Buffer.from(LOGIN).toString("base64")}`,
    "X-Notification-Channels": "webhook",
  });
}
const logs = await settledLogs(4);
await signed("POST", "/api/notifications/retry", {});
await signed("GET", "/api/queue/status");
await signed("DELETE", `/api/notification-logs/${logs[0].id}`, { id: logs[0].id });
await signed("DELETE", `/api/templates?key=${KEY}`, { key: KEY });
await signed("DELETE", `/api/user-configs?user_id=${USER_ID}&channel_type=webhook`, {
  user_id: USER_ID,
  channel_type: "webhook",
});
await signed("DELETE", "/api/notification-logs/cleanup", {
  before_date: new Date(Date.now() - 86400000).toISOString(),
});

console.log(
  JSON.stringify({
    calls,
    config: configs.data[0].config_data,
    results: [custom.results[0], byTemplate.results[0]],
    contents: logs.map((log) => log.content),
  }),
);

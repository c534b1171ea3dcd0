// Sends a first notification; needs nothing but Node 18 or newer.
//   API_SECRET_KEY=… node docs/examples/first_request.mjs
import { createHmac } from "node:crypto";

const url = process.env.NOTIFICATIONS_URL ?? "http://127.0.0.1:8000";
const body = JSON.stringify({
  user_id: process.env.USER_ID ?? "demo",
  custom_content: { subject: "Hello", content: "Sent with Node. 你好!" },
});
const timestamp = String(Date.now());

// The signature covers the timestamp directly followed by the very bytes of the body.
const signature = createHmac("sha256", process.env.API_SECRET_KEY)
  .update(timestamp + body)
  .digest("hex");

const answer = await fetch(`${url}/api/notifications/send`, {
  method: "POST",
  headers: {
    "Content-Type": "application/json",
    "X-Timestamp": timestamp,
    "X-Signature": signature,
  },
  body,
});
console.log(await answer.text()); // a refusal says what to do about it
process.exitCode = answer.ok ? 0 : 1;

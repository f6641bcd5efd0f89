// The demo's telephone: a browser in front of a SIP user agent. Sound comes as µ-law frames of 20 ms.
"use strict";
const $ = (id) => document.getElementById(id);
const screen = $("screen");
let socket, audio, playAt = 0, ringTimer, callStarted, callTimer, pause = 500;

function state(name) {
  screen.dataset.state = name;
  clearInterval(ringTimer);
  clearInterval(callTimer);
  if (name === "ringing") { ring(); ringTimer = setInterval(ring, 3000); if (navigator.userActivation?.hasBeenActive) navigator.vibrate?.([400, 200, 400]); }
  if (name === "talking") { callStarted = Date.now(); playAt = 0; $("digits").textContent = ""; callTimer = setInterval(tick, 500); tick(); }
  // On a small screen the guide may be in sight: the telephone comes back when it rings.
  if (name === "ringing") screen.scrollIntoView({ block: "nearest" });
  document.title = name === "ringing" ? "☎ " + document.title.replace(/^☎ /, "") : document.title.replace(/^☎ /, "");
}
function tick() {
  const seconds = Math.floor((Date.now() - callStarted) / 1000);
  $("timer").textContent = Math.floor(seconds / 60) + ":" + String(seconds % 60).padStart(2, "0");
}
function sound() {
  audio ??= new AudioContext();
  if (audio.state === "suspended") audio.resume();
  return audio;
}
function ring() {
  if (!audio || audio.state !== "running") return;
  const gain = audio.createGain();
  gain.gain.value = 0.08;
  gain.connect(audio.destination);
  for (const hertz of [440, 480]) {
    const tone = audio.createOscillator();
    tone.frequency.value = hertz;
    tone.connect(gain);
    tone.start();
    tone.stop(audio.currentTime + 1);
  }
}
// G.711 µ-law (ITU-T), decoded by the formula.
const ULAW = new Float32Array(256).map((_, code) => {
  const u = ~code & 0xff;
  const magnitude = ((((u & 0x0f) << 3) + 0x84) << ((u & 0x70) >> 4)) - 0x84;
  return (u & 0x80 ? -magnitude : magnitude) / 32768;
});
function play(frame) {
  const context = sound();
  const samples = new Uint8Array(frame);
  const buffer = context.createBuffer(1, samples.length, 8000);
  buffer.copyToChannel(Float32Array.from(samples, (code) => ULAW[code]), 0);
  const source = context.createBufferSource();
  source.buffer = buffer;
  source.connect(context.destination);
  // A late frame begins a new run, 80 ms ahead; a run too far ahead is caught up with.
  if (playAt < context.currentTime || playAt > context.currentTime + 1) playAt = context.currentTime + 0.08;
  source.start(playAt);
  playAt += buffer.duration;
}
function send(message) {
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
}
function press(key) {
  $("digits").textContent += key;
  send({ do: "press", key });
}
function addMessage(text) {
  $("no-messages")?.remove();
  const item = document.createElement("li");
  for (const part of text.split(/(https?:\/\/[^\s。]+)/)) {
    if (/^https?:/.test(part)) {
      const link = document.createElement("a");
      link.href = part;
      link.target = "huiling-app";
      link.textContent = part;
      item.append(link);
    } else item.append(part);
  }
  $("messages").prepend(item);
  $("message-count").textContent = $("messages").children.length;
}
function lineState(name) {
  const shown = $("line-state");
  shown.className = name === "on" ? "good" : "bad";
  shown.textContent = shown.dataset[name];
}
function connect() {
  socket = new WebSocket(location.origin.replace(/^http/, "ws") + "/demo/handset");
  socket.binaryType = "arraybuffer";
  socket.onopen = () => { pause = 500; lineState("on"); };
  socket.onclose = () => { lineState("off"); state("idle"); setTimeout(connect, pause); pause = Math.min(pause * 2, 10000); };
  socket.onmessage = (event) => {
    if (typeof event.data !== "string") return play(event.data);
    const message = JSON.parse(event.data);
    if (message.is === "hello") { if (message.messages.length) $("messages").replaceChildren(); message.messages.forEach(addMessage); state("idle"); }
    if (message.is === "ringing") { $("caller").textContent = $("talking-to").textContent = message.from; $("caller-name").textContent = message.name; state("ringing"); }
    if (message.is === "answered") state("talking");
    if (message.is === "idle") state("idle");
    if (message.is === "message") addMessage(message.text);
  };
}
$("answer").onclick = () => { sound(); send({ do: "answer" }); };
$("decline").onclick = () => send({ do: "decline" });
$("hangup").onclick = () => send({ do: "hangup" });
$("keypad").onclick = (event) => { const key = event.target.closest("button")?.dataset.key; if (key) press(key); };
document.addEventListener("keydown", (event) => {
  if (screen.dataset.state === "talking" && /^[0-9*#]$/.test(event.key) && event.target.tagName !== "INPUT") press(event.key);
});
document.addEventListener("pointerdown", () => sound(), { once: true });
function clock() {
  $("clock").textContent = new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
}
clock();
setInterval(clock, 1000);

// The authenticator: TOTP (RFC 6238), so that no second device is needed to try the wallet.
function base32(text) {
  const bits = [...text.toUpperCase().replace(/[^A-Z2-7]/g, "")].map((c) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(c).toString(2).padStart(5, "0")).join("");
  return Uint8Array.from(bits.match(/.{8}/g) ?? [], (byte) => parseInt(byte, 2));
}
async function code() {
  const key = base32($("totp-key").value);
  const seconds = Math.floor(Date.now() / 1000);
  $("totp-left").textContent = 30 - (seconds % 30) + " " + document.body.dataset.seconds;
  if (key.length < 10) { $("totp-code").textContent = "------"; return; }
  const counter = new DataView(new ArrayBuffer(8));
  counter.setUint32(4, Math.floor(seconds / 30));
  const imported = await crypto.subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-1" }, false, ["sign"]);
  const mac = new DataView(await crypto.subtle.sign("HMAC", imported, counter.buffer));
  const at = mac.getUint8(19) & 15;
  $("totp-code").textContent = String((mac.getUint32(at) & 0x7fffffff) % 1000000).padStart(6, "0");
}
$("totp-key").value = localStorage.getItem("demo-totp") ?? "";
$("totp-key").oninput = () => { localStorage.setItem("demo-totp", $("totp-key").value); code(); };
setInterval(code, 1000);
connect();

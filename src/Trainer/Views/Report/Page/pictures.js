// Pictures on the pad: opened, dropped, pasted or taken by the camera, and read by the rules of 'trainer predict'.
const sureOfShape = 0.65;
const sureOfBoth = 0.45;

// The picture in shades of grey, reduced by whole factors to from 512 to twice as many pixels a side; in its detail, where it has more
// of them, to from 1,024.
function greyOf(source, width, height) {
  const most = Math.max(width, height);
  const scale = Math.min(1, 2047 / most);
  const canvas = canvasOf(Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale)));
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(source, 0, 0, canvas.width, canvas.height);
  const { data: colours } = context.getImageData(0, 0, canvas.width, canvas.height);
  const [factor, fine] = [512, 1024].map((size) => Math.max(1, Math.floor(Math.max(canvas.width, canvas.height) / size)));
  return { ...greyCells(canvas, colours, factor), detail: fine < factor ? greyCells(canvas, colours, fine) : null };
}

function greyCells(canvas, colours, factor) {
  const columns = Math.max(1, Math.floor(canvas.width / factor));
  const rows = Math.max(1, Math.floor(canvas.height / factor));
  const painted = new Float32Array(columns * rows);
  const covered = new Float32Array(columns * rows);
  for (let y = 0; y < Math.min(rows * factor, canvas.height); y++) {
    for (let x = 0; x < Math.min(columns * factor, canvas.width); x++) {
      const at = 4 * (y * canvas.width + x);
      const cell = Math.floor(y / factor) * columns + Math.floor(x / factor);
      const alpha = colours[at + 3] / 255;
      painted[cell] += ((77 * colours[at] + 150 * colours[at + 1] + 29 * colours[at + 2]) / 256) * alpha;
      covered[cell] += alpha;
    }
  }

  // What is transparent shows the shade that what is painted stands out from.
  const sum = (values) => values.reduce((all, value) => all + value, 0);
  const behind = sum(painted) > 127.5 * sum(covered) ? 0 : 255;
  const area = Math.min(factor, canvas.width) * Math.min(factor, canvas.height);
  return planeOf(columns, rows, Uint8Array.from(painted, (light, i) => (light + (area - covered[i]) * behind) / area + 0.5));
}

function pictureOf({ width, height, levels }, digit) {
  const canvas = canvasOf(width, height);
  const context = canvas.getContext("2d");
  const image = context.createImageData(width, height);
  levels.forEach((level, i) => image.data.set([level, level, level, 255], 4 * i));
  context.putImageData(image, 0, 0);
  if (digit) {
    context.strokeStyle = "#d03020";
    context.lineWidth = Math.max(2, Math.max(width, height) / 140);
    context.strokeRect(digit.left - 1, digit.top - 1, digit.width + 2, digit.height + 2);
  }

  return canvas;
}

function readPicture(source, width, height) {
  const plane = greyOf(source, width, height);
  const search = findDigit(plane);
  press(null);
  [strokes, digit, cursor] = [[], null, null];
  found = { ...search, picture: pictureOf(search.of ?? plane, search.digit) };
  refresh(true);
}

// Why a picture's digit is not to be believed, or null: what is doubtful as a shape must be one the network has no doubt about.
function doubtOf(answer) {
  if (found.instead) {
    return found.instead;
  }

  const values = run().loss === "crossEntropy" ? answer.shares : answer.outputs.map((output) => output / 2);
  const [first, second] = [...values].sort((a, b) => b - a);
  return found.sureness < sureOfShape && found.sureness * Math.min(1, first - second) < sureOfBoth
    ? `what stands out the most is ${Math.round(100 * found.sureness)}% like a digit in shape, and the network is not sure of it either`
    : null;
}

async function openPicture(file) {
  try {
    const bitmap = await createImageBitmap(file);
    readPicture(bitmap, bitmap.width, bitmap.height);
    bitmap.close();
  } catch {
    byId("verdict").textContent = `${file.name || "It"} is no picture that this browser reads. Try PNG, JPEG or WebP.`;
  }
}

const section = byId("draw");
section.addEventListener("dragover", (event) => {
  event.preventDefault();
  pad.classList.add("over");
});
section.addEventListener("dragleave", () => pad.classList.remove("over"));
section.addEventListener("drop", (event) => {
  event.preventDefault();
  pad.classList.remove("over");
  if (event.dataTransfer.files.length > 0) {
    openPicture(event.dataTransfer.files[0]);
  }
});
document.addEventListener("paste", (event) => {
  const file = [...(event.clipboardData?.files ?? [])].find(({ type }) => type.startsWith("image/"));
  if (file) {
    event.preventDefault();
    openPicture(file);
  }
});
byId("open").addEventListener("click", () => byId("file").click());
byId("file").addEventListener("change", ({ target }) => {
  if (target.files.length > 0) {
    openPicture(target.files[0]);
    target.value = "";
  }
});

// ---- the camera, where the browser has one and the page may use it

const video = byId("video");
let stream = null;

function stopCamera() {
  stream?.getTracks().forEach((track) => track.stop());
  stream = null;
  video.srcObject = null;
  video.hidden = true;
  byId("camera").textContent = "Camera";
}

byId("camera").hidden = !navigator.mediaDevices?.getUserMedia;
byId("camera").addEventListener("click", async () => {
  if (stream) {
    readPicture(video, video.videoWidth, video.videoHeight);
    stopCamera();
    return;
  }

  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" }, audio: false });
    video.srcObject = stream;
    video.hidden = false;
    await video.play();
    byId("camera").textContent = "Read it";
  } catch (refusal) {
    stopCamera();
    byId("verdict").textContent = `There is no camera for this page: ${refusal.message || refusal.name}.`;
  }
});
addEventListener("pagehide", stopCamera);

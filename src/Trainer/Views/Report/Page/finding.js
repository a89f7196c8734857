// Finds the digit in a picture by the rules of src/Recognition/Finding, which says why: what stands out from its paper is ink,
// the lines of forms are taken out of it, and the heaviest marks that look like a digit are one.

// ---- levels of all pixels: { width, height, levels }

const planeOf = (width, height, levels) => ({ width, height, levels });

function histogramOf(levels) {
  const counts = new Int32Array(256);
  for (const level of levels) {
    counts[level]++;
  }

  return counts;
}

function quantile(counts, share, end = 256) {
  const total = counts.subarray(0, end).reduce((sum, count) => sum + count, 0);
  let below = 0;
  for (let level = 0; level < end; level++) {
    below += counts[level];
    if (below > share * (total - 1)) {
      return total === 0 ? 0 : level;
    }
  }

  return 0;
}

function otsuOf(counts) {
  let total = 0;
  let sum = 0;
  counts.forEach((count, level) => {
    total += count;
    sum += level * count;
  });
  let [lowCount, lowSum, best, first, last] = [0, 0, 0, 0, 0];
  for (let level = 0; level < 255; level++) {
    lowCount += counts[level];
    lowSum += level * counts[level];
    const highCount = total - lowCount;
    if (lowCount > 0 && highCount > 0) {
      const apart = lowSum / lowCount - (sum - lowSum) / highCount;
      const between = lowCount * highCount * apart * apart;
      if (between > best) {
        [best, first] = [between, level];
      }

      if (between === best) {
        last = level;
      }
    }
  }

  return (first + last) / 2 + 0.5;
}

function transposed({ width, height, levels }) {
  const turned = new Uint8Array(levels.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      turned[x * height + y] = levels[y * width + x];
    }
  }

  return planeOf(height, width, turned);
}

function meansAlongRows({ width, height, levels }, radius) {
  const means = new Uint8Array(levels.length);
  for (let y = 0; y < height; y++) {
    const row = levels.subarray(y * width, (y + 1) * width);
    let sum = 0;
    for (let x = 0; x < Math.min(radius, width); x++) {
      sum += row[x];
    }

    for (let x = 0; x < width; x++) {
      sum += x + radius < width ? row[x + radius] : 0;
      const count = Math.min(width - 1, x + radius) - Math.max(0, x - radius) + 1;
      means[y * width + x] = Math.floor((sum + Math.floor(count / 2)) / count);
      sum -= x - radius >= 0 ? row[x - radius] : 0;
    }
  }

  return planeOf(width, height, means);
}

const blurred = (plane, radius) =>
  transposed(meansAlongRows(transposed(meansAlongRows(plane, radius)), radius));

// The most or the least of each pixel and those above and below it.
function extremes({ width, height, levels }, radius, isMost) {
  const window = 2 * radius + 1;
  const rows = new Uint8Array((height + 2 * radius) * width).fill(isMost ? 0 : 255);
  rows.set(levels, radius * width);
  const pick = (into, other, count) => {
    for (let i = 0; i < count; i++) {
      const a = rows[i];
      const b = rows[i + other];
      into[i] = isMost === a > b ? a : b;
    }
  };
  let span = 1;
  for (; 2 * span <= window; span *= 2) {
    pick(rows, span * width, rows.length - span * width);
  }

  const picked = new Uint8Array(levels.length);
  pick(picked, (window - span) * width, picked.length);
  return planeOf(width, height, picked);
}

function closed(plane, radius) {
  const across = transposed(extremes(plane, radius, true));
  const filled = extremes(extremes(across, radius, true), radius, false);
  return extremes(transposed(filled), radius, false);
}

function smoothed(plane) {
  const { width, height, levels } = plane;
  const steps = new Int32Array(256);
  for (let i = 1; i < levels.length; i++) {
    steps[Math.abs(levels[i] - levels[i - 1])]++;
  }

  const shades = histogramOf(levels);
  const noise = quantile(steps, 0.5) / 0.954;
  const contrast = quantile(shades, 0.995) - quantile(shades, 0.005);
  const most = Math.floor(Math.max(width, height) / 100);
  const radius = Math.min(most, Math.ceil(((12 * noise) / Math.max(1, contrast) - 1) / 2));
  return radius > 0 ? blurred(plane, radius) : plane;
}

// ---- whether ink is lighter than paper: above 0 if so

function polarityOf({ width: wide, height: high, levels }) {
  const factor = Math.max(1, Math.floor(Math.max(wide, high) / 96));
  const width = Math.max(1, Math.floor(wide / factor));
  const height = Math.max(1, Math.floor(high / factor));
  const small = new Float64Array(width * height);
  const across = Math.min(factor, wide);
  const down = Math.min(factor, high);
  for (let y = 0; y < height * down; y++) {
    for (let x = 0; x < width * across; x++) {
      small[Math.floor(y / down) * width + Math.floor(x / across)] += levels[y * wide + x];
    }
  }

  const means = windowMeans(small, width, height, Math.max(3, Math.floor(Math.max(width, height) / 6)));
  let [squares, cubes, edge, edgeShades, all, edgePixels] = [0, 0, 0, 0, 0, 0];
  for (let i = 0; i < small.length; i++) {
    const [x, y] = [i % width, Math.floor(i / width)];
    const difference = small[i] - means[i];
    all += small[i];
    squares += difference ** 2;
    cubes += difference ** 3;
    if (x === 0 || y === 0 || x === width - 1 || y === height - 1) {
      edge += difference;
      edgeShades += small[i];
      edgePixels++;
    }
  }

  const deviation = Math.sqrt(squares / small.length);
  if (deviation === 0) {
    return 0;
  }

  const evidence = cubes / small.length / deviation ** 3 - (0.5 * edge) / edgePixels / deviation;
  return Math.abs(evidence) > 0.4 ? evidence : edgeShades / edgePixels < all / small.length ? 0.1 : -0.1;
}

function windowMeans(values, width, height, radius) {
  const stride = width + 1;
  const sums = new Float64Array(stride * (height + 1));
  for (let y = 0; y < height; y++) {
    let row = 0;
    for (let x = 0; x < width; x++) {
      row += values[y * width + x];
      sums[(y + 1) * stride + x + 1] = sums[y * stride + x + 1] + row;
    }
  }

  return values.map((_, i) => {
    const [x, y] = [i % width, Math.floor(i / width)];
    const [left, right] = [Math.max(0, x - radius), Math.min(width, x + radius + 1)];
    const [top, bottom] = [Math.max(0, y - radius), Math.min(height, y + radius + 1)];
    const sum = sums[bottom * stride + right] - sums[bottom * stride + left] - sums[top * stride + right] + sums[top * stride + left];
    return sum / ((right - left) * (bottom - top));
  });
}

// ---- lines of paper and forms

function traceLines({ width, height, levels }, threshold, thickest, least) {
  const longestGap = Math.max(4, Math.floor(Math.max(width, height) / 12));
  const done = [];
  let open = [];
  const slots = new Int32Array(width);
  const expected = (line, scan) => {
    const [last, from, to] = line.runs.at(-1);
    return (from + to) / 2 + line.lean * (scan - last);
  };
  const add = (line, scan, from, to) => {
    line.runs.push([scan, from, to]);
    line.area += to - from;
    if (line.runs.length >= 8) {
      const [start, low, high] = line.runs[Math.max(0, line.runs.length - 40)];
      line.lean = (from + to - low - high) / 2 / (scan - start);
    }
  };
  const close = (line) => {
    if (line.runs.length < Math.floor(least / 2)) {
      return;
    }

    measure(line);
    const isStraight = line.unevenness <= 1 + 0.3 * line.thickness + 0.004 * line.length && Math.abs(line.slope) <= 0.9;
    if (line.length >= Math.max(least, 10 * line.thickness) && line.runs.length >= 0.5 * (line.last - line.first + 1) && isStraight) {
      done.push(line);
    }
  };
  for (let scan = 0; scan < height; scan++) {
    const runs = [];
    const start = scan * width;
    for (let x = 0; x < width; ) {
      if (levels[start + x] <= threshold) {
        x++;
        continue;
      }

      const from = x;
      while (x < width && levels[start + x] > threshold) {
        x++;
      }

      if (x - from <= thickest) {
        runs.push([from, x, false]);
        slots.fill(runs.length, from, x);
      }
    }

    open = open.filter((line) => {
      const last = line.runs.at(-1)[0];
      const run = runs[runAt(slots, expected(line, scan), scan - last) - 1];
      const isThick = run && line.runs.length >= 6 && run[1] - run[0] > (1.7 * line.area) / line.runs.length + 2;
      if (run && !run[2] && !isThick) {
        run[2] = true;
        add(line, scan, run[0], run[1]);
      } else if (scan - last > Math.min(longestGap, 1 + Math.floor(line.runs.length / 3))) {
        close(line);
        return false;
      }

      return true;
    });
    for (const [from, to, isTaken] of runs) {
      slots.fill(0, from, to);
      if (!isTaken) {
        open.push({ runs: [[scan, from, to]], lean: 0, area: to - from });
      }
    }
  }

  open.forEach(close);
  return done;
}

function runAt(slots, place, gap) {
  const middle = Math.trunc(place);
  for (let off = 0; off <= (gap > 3 ? 2 : 1); off++) {
    for (const x of [middle - off, middle + off]) {
      if (x >= 0 && x < slots.length && slots[x] !== 0) {
        return slots[x];
      }
    }
  }

  return 0;
}

function measure(line) {
  const n = line.runs.length;
  let [scans, places, squares, products] = [0, 0, 0, 0];
  for (const [scan, from, to] of line.runs) {
    const place = (from + to) / 2;
    scans += scan;
    places += place;
    squares += scan * scan;
    products += scan * place;
  }

  const spread = squares - (scans * scans) / n;
  line.slope = spread === 0 ? 0 : (products - (scans * places) / n) / spread;
  line.intercept = (places - line.slope * scans) / n;
  const off = line.runs.reduce((sum, [scan, from, to]) => sum + ((from + to) / 2 - line.intercept - line.slope * scan) ** 2, 0);
  const thick = line.runs.map(([, from, to]) => to - from).sort((a, b) => a - b);
  line.thickness = thick[Math.floor(n / 2)];
  line.unevenness = Math.sqrt(off / n);
  line.first = line.runs[0][0];
  line.last = line.runs.at(-1)[0];
  line.length = (line.last - line.first + 1) * Math.sqrt(1 + line.slope ** 2);
}

function chooseLines(lines, others, scans, places) {
  const longest = Math.max(scans, places);
  const near = 3 + 0.03 * longest;
  const isAtEdge = (line, scan) => {
    const place = line.intercept + line.slope * scan;
    return scan < near || scan > scans - near || place < near || place > places - near;
  };
  const meetsAtBothEnds = (line) => {
    const reach = 3 + line.thickness + 0.01 * longest;
    let [atFirst, atLast] = [false, false];
    for (const other of others) {
      const scan = (other.intercept + other.slope * line.intercept) / (1 - other.slope * line.slope);
      const place = line.intercept + line.slope * scan;
      if (place >= other.first - reach && place <= other.last + reach && scan >= line.first - reach && scan <= line.last + reach) {
        const part = (scan - line.first) / Math.max(1, line.last - line.first);
        atFirst ||= part < 0.15;
        atLast ||= part > 0.85;
      }
    }

    return atFirst && atLast;
  };
  const chosen = lines.map((line) => {
    const isThin = line.length >= 15 * line.thickness;
    const isLike = (other) => Math.abs(other.slope - line.slope) <= 0.06
      && other.length >= 0.6 * line.length && other.length >= 15 * other.thickness;
    return (isThin && line.length >= 0.5 * Math.min(scans, places) && isAtEdge(line, line.first) && isAtEdge(line, line.last))
      || (isThin && line.length >= 0.25 * longest && lines.filter(isLike).length >= 3)
      || (line.length >= longest / 16 && meetsAtBothEnds(line));
  });
  lines.forEach((line, i) => {
    chosen[i] ||= lines.filter((other, at) => chosen[at] && Math.abs(other.slope - line.slope) <= 0.06
      && other.thickness >= line.thickness - 1).length >= 3;
  });
  return lines.filter((_, i) => chosen[i]);
}

function takeOut(line, whole, left, threshold, scanStride, stride, places, scans) {
  const most = line.thickness + Math.max(2, Math.floor(line.thickness / 2));
  const reach = 2 + Math.floor(line.thickness / 2);
  const at = (start, place) => place >= 0 && place < places && whole[start + place * stride] > threshold;
  let next = 0;
  for (let scan = Math.max(0, line.first - 2); scan <= Math.min(scans - 1, line.last + 2); scan++) {
    while (next < line.runs.length - 1 && line.runs[next + 1][0] <= scan) {
      next++;
    }

    const [before, from, to] = line.runs[next];
    let place = (from + to) / 2 + line.slope * (scan - before);
    if (next + 1 < line.runs.length && scan > before) {
      const [after, nextFrom, nextTo] = line.runs[next + 1];
      place = (from + to) / 2 + (((nextFrom + nextTo - from - to) / 2) * (scan - before)) / (after - before);
    }

    const start = scan * scanStride;
    let middle = -1;
    for (let off = 0; off <= reach && middle < 0; off++) {
      middle = [Math.trunc(place) + off, Math.trunc(place) - off].find((one) => at(start, one)) ?? -1;
    }

    if (middle < 0) {
      continue;
    }

    let [low, high] = [middle, middle + 1];
    while (middle - low <= most && at(start, low - 1)) {
      low--;
    }

    while (high - middle <= most && at(start, high)) {
      high++;
    }

    if (high - low <= most) {
      for (let gone = Math.max(0, low - 1); gone < Math.min(places, high + 1); gone++) {
        left[start + gone * stride] = 0;
      }
    }
  }
}

// ---- ink and its marks

function sheetOf(shades, isLighter, radius) {
  const { width, height } = shades;
  const levels = isLighter ? shades.levels.map((level) => 255 - level) : shades.levels;
  const paper = closed(planeOf(width, height, levels), radius).levels;
  const scales = Array.from({ length: 256 }, (_, level) => (isLighter ? 256 : Math.floor(65280 / Math.max(level, 90))));
  const ink = planeOf(width, height, levels.map((level, i) => Math.min(255, ((paper[i] - level) * scales[paper[i]]) >> 8)));
  const counts = histogramOf(ink.levels);
  const otsu = otsuOf(counts);
  const end = Math.min(256, Math.max(1, Math.trunc(otsu) + 1));
  const middle = quantile(counts, 0.5, end);
  const deviation = Math.max(0.5, middle - quantile(counts, 0.16, end));
  const least = middle + 3 * deviation;
  const threshold = Math.trunc(Math.min(254, Math.max(9, otsu / 2, least, Math.min(least + 2 * deviation, otsu))));
  const longest = Math.max(width, height);
  const trace = (plane) => traceLines(plane, threshold, 4 + Math.floor(longest / 60), Math.max(16, Math.floor(longest / 32)));
  const [allDown, allAcross] = [trace(ink), trace(transposed(ink))];
  const down = chooseLines(allDown, allAcross, height, width);
  const across = chooseLines(allAcross, allDown, width, height);
  const whole = ink.levels.slice();
  down.forEach((line) => takeOut(line, whole, ink.levels, threshold, width, 1, width, height));
  across.forEach((line) => takeOut(line, whole, ink.levels, threshold, 1, width, height, width));
  const sheet = { ink, isLighter, threshold, noise: middle + deviation, down, across, marks: marksOf(ink, threshold) };
  const heaviest = sheet.marks.find((mark) => !mark.isSurround && longestOf(mark.box) >= 5);
  if (heaviest) {
    const faint = Math.trunc(0.25 * quantile(levelsOf(sheet, [heaviest]), 0.9));
    if (faint > 1.2 * threshold) {
      return { ...sheet, threshold: faint, marks: marksOf(ink, faint) };
    }
  }

  return sheet;
}

const longestOf = (box) => Math.max(box.right - box.left, box.bottom - box.top);
const boxWith = (a, b) => ({
  left: Math.min(a.left, b.left), top: Math.min(a.top, b.top), right: Math.max(a.right, b.right), bottom: Math.max(a.bottom, b.bottom),
});
const distance = (a, b) => Math.max(
  0, Math.max(a.left, b.left) - Math.min(a.right, b.right), Math.max(a.top, b.top) - Math.min(a.bottom, b.bottom));
const massOf = (parts) => parts.reduce((sum, part) => sum + part.mass, 0);

function levelsOf({ ink }, parts) {
  const counts = new Int32Array(256);
  for (const [row, from, to] of parts.flatMap((part) => part.runs)) {
    for (let x = from; x < to; x++) {
      counts[ink.levels[row * ink.width + x]]++;
    }
  }

  return counts;
}

function marksOf({ width, height, levels }, threshold) {
  const runs = [];
  const parents = [];
  const root = (at) => {
    while (parents[at] !== at) {
      at = parents[at] = parents[parents[at]];
    }

    return at;
  };
  let [above, aboveEnd] = [0, 0];
  for (let y = 0; y < height; y++) {
    const start = runs.length;
    for (let x = 0; x < width; x++) {
      if (levels[y * width + x] <= threshold) {
        continue;
      }

      const from = x;
      while (x < width && levels[y * width + x] > threshold) {
        x++;
      }

      const own = runs.length;
      let [neighbours, shared] = [0, 0];
      parents.push(own);
      while (above < aboveEnd && runs[above].to < from) {
        above++;
      }

      for (let other = above; other < aboveEnd && runs[other].from <= x; other++) {
        neighbours++;
        shared += Math.max(0, Math.min(x, runs[other].to) - Math.max(from, runs[other].from));
        const [a, b] = [root(own), root(other)];
        parents[Math.max(a, b)] = Math.min(a, b);
      }

      runs.push({ row: y, from, to: x, neighbours, shared });
    }

    [above, aboveEnd] = [start, runs.length];
  }

  const marks = new Map();
  runs.forEach(({ row, from, to, neighbours, shared }, i) => {
    const key = root(i);
    if (!marks.has(key)) {
      marks.set(key, { runs: [], box: { left: Infinity, top: Infinity, right: 0, bottom: 0 }, area: 0, mass: 0, edge: 0, holes: 1, outline: 0 });
    }

    const mark = marks.get(key);
    mark.runs.push([row, from, to]);
    mark.box = boxWith(mark.box, { left: from, top: row, right: to, bottom: row + 1 });
    mark.area += to - from;
    mark.holes += neighbours - 1;
    mark.outline += 2 + 2 * (to - from - shared);
    mark.edge += row === 0 || row === height - 1 ? to - from : (from === 0 ? 1 : 0) + (to === width ? 1 : 0);
    for (let x = from; x < to; x++) {
      mark.mass += levels[row * width + x];
    }
  });
  for (const mark of marks.values()) {
    const { left, top, right, bottom } = mark.box;
    mark.stroke = (2 * mark.area) / Math.max(1, (mark.outline * Math.PI) / 4);
    mark.isSurround = mark.edge > 0.5 * (width + height) || (left === 0 && right === width) || (top === 0 && bottom === height);
  }

  return [...marks.values()].sort((a, b) => b.mass - a.mass);
}

// ---- a sheet of paper on something darker

// Gives { paper, left, top }: the sheet, with paper instead of what lies beyond its edges, and where it is; or null.
function paperSheetOf(shades) {
  const factor = Math.max(1, Math.floor(Math.max(shades.width, shades.height) / 96));
  if (factor === 1) {
    return null;
  }

  const small = reducedPlane(shades, factor);
  const counts = histogramOf(small.levels);
  const threshold = Math.trunc(otsuOf(counts));
  const mean = (from, to) => {
    let [sum, count] = [0, 0];
    for (let level = from; level < to; level++) {
      sum += level * counts[level];
      count += counts[level];
    }

    return sum / Math.max(1, count);
  };
  const sheet = marksOf(small, threshold)[0];
  if (mean(threshold + 1, 256) - mean(0, threshold + 1) < 30 || !sheet || sheet.isSurround) {
    return null;
  }

  const rows = Array.from({ length: sheet.box.bottom - sheet.box.top }, () => [Infinity, 0]);
  for (const [row, from, to] of sheet.runs) {
    const own = rows[row - sheet.box.top];
    [own[0], own[1]] = [Math.min(own[0], from), Math.max(own[1], to)];
  }

  const area = rows.reduce((sum, [from, to]) => sum + to - from, 0);
  const all = small.levels.length;
  const lightAround = small.levels.reduce((sum, level) => sum + (level > threshold ? 1 : 0), 0) - sheet.area;
  return area < 0.1 * all || area > 0.9 * all || sheet.area < 0.6 * area || lightAround > 0.08 * (all - area)
    || area < 0.86 * tightestRectangle(rows) ? null : sheetCutOut(shades, factor, sheet.box, rows);
}

function reducedPlane({ width: wide, height: high, levels }, factor) {
  const [width, height] = [Math.floor(wide / factor), Math.floor(high / factor)];
  const sums = new Int32Array(width * height);
  for (let y = 0; y < height * factor; y++) {
    for (let x = 0; x < width * factor; x++) {
      sums[Math.floor(y / factor) * width + Math.floor(x / factor)] += levels[y * wide + x];
    }
  }

  return planeOf(width, height, Uint8Array.from(sums, (sum) => Math.floor(sum / factor ** 2)));
}

function tightestRectangle(rows) {
  let least = Infinity;
  for (let degrees = 0; degrees < 90; degrees += 3) {
    const [sine, cosine] = [Math.sin((degrees * Math.PI) / 180), Math.cos((degrees * Math.PI) / 180)];
    let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity];
    rows.forEach((ends, y) => ends.forEach((x) => {
      const [across, down] = [x * cosine + (y + 0.5) * sine, (y + 0.5) * cosine - x * sine];
      [left, right, top, bottom] = [Math.min(left, across), Math.max(right, across), Math.min(top, down), Math.max(bottom, down)];
    }));
    least = Math.min(least, (right - left) * (bottom - top));
  }

  return least;
}

function sheetCutOut(shades, factor, box, rows) {
  const [left, top] = [(box.left + 1) * factor, (box.top + 1) * factor];
  const [width, height] = [(box.right - 1) * factor - left, (box.bottom - 1) * factor - top];
  const paper = new Uint8Array(width * height);
  const mean = (levels) => Math.floor(levels.reduce((sum, level) => sum + level, 0) / levels.length);
  let first = -1;
  for (let y = 0; y < height; y++) {
    const near = rows.slice(Math.floor(y / factor), Math.floor(y / factor) + 3);
    const from = (Math.max(...near.map((row) => row[0])) + 1) * factor - left;
    const to = (Math.min(...near.map((row) => row[1])) - 1) * factor - left;
    if (to - from >= 8) {
      const own = shades.levels.subarray((top + y) * shades.width + left, (top + y) * shades.width + left + width);
      paper.set(own.subarray(from, to), y * width + from);
      paper.fill(mean(own.subarray(from, from + 8)), y * width, y * width + from);
      paper.fill(mean(own.subarray(to - 8, to)), y * width + to, (y + 1) * width);
      first = first < 0 ? y : first;
    } else if (first >= 0) {
      paper.copyWithin(y * width, (y - 1) * width, y * width);
    }
  }

  for (let y = 0; y < first; y++) {
    paper.copyWithin(y * width, first * width, (first + 1) * width);
  }

  return first < 0 ? null : { paper: planeOf(width, height, paper), left, top };
}

// ---- candidates

function candidateAround(main, { marks, isLighter }) {
  const parts = [main];
  let box = main.box;
  const reach = Math.trunc(0.3 * longestOf(box)) + longestOf(box);
  const isCut = ({ edge, box: own }) => edge > 0.1 * (own.right - own.left + own.bottom - own.top);
  const rest = new Set(marks.filter((mark) => mark !== main && !mark.isSurround && !isCut(mark) && mark.mass >= 0.02 * main.mass
    && mark.mass <= main.mass && mark.stroke >= 0.45 * main.stroke && distance(mark.box, main.box) <= reach));
  const belongs = (mark) => {
    if (Math.min(...parts.map((part) => distance(part.box, mark.box))) > 0.15 * longestOf(box)) {
      return false;
    }

    const both = boxWith(box, mark.box);
    const shared = Math.min(box.right, mark.box.right) - Math.max(box.left, mark.box.left);
    return both.right - both.left <= 1.1 * (both.bottom - both.top) || 2 * shared >= mark.box.right - mark.box.left;
  };
  while (parts.length < 9) {
    const near = [...rest].find(belongs);
    if (!near) {
      break;
    }

    rest.delete(near);
    parts.push(near);
    box = boxWith(box, near.box);
  }

  return { main, parts, box, mass: massOf(parts), likeness: likenessOf(main, parts, box, isLighter) };
}

function likenessOf(main, parts, box, isLighter) {
  const [width, height] = [box.right - box.left, box.bottom - box.top];
  const longest = longestOf(box);
  const thin = main.stroke / longest;
  const aspect = width / height;
  const filled = parts.reduce((sum, part) => sum + part.area, 0) / (width * height);
  if (main.isSurround || thin < 0.012 || thin > (longest > 40 ? 0.38 : 0.45) || aspect > 2.4 || aspect < 0.05) {
    return 0;
  }

  const isSheet = (filled > (isLighter ? 0.55 : 0.62) && aspect > 0.9)
    || (isLighter && filled > 0.5 && thin > 0.24 && aspect > 0.6);
  return (thin > (longest > 40 ? 0.32 : 0.4) ? 0.5 : 1)
    * (aspect > 2 ? 0.3 : aspect > 1.35 ? 0.6 : 1)
    * (filled > 0.78 && aspect > 0.5 && longest > 40 ? 0.3 : 1)
    * (longest > 200 && isSheet ? 0.3 : 1)
    * (main.holes > 12 ? 0.05 : main.holes > 6 ? 0.3 : main.holes > 3 ? 0.6 : 1)
    * (main.edge > 0.1 * (width + height) ? 0.4 : 1)
    * (parts.length > 6 ? 0.3 : parts.length > 3 ? 0.5 : 1);
}

// Whether another mark tells against a candidate: not what surrounds it, cut by the picture's edge, nor a line under the digit.
function isBesides({ box }, mark) {
  const [width, height] = [mark.box.right - mark.box.left, mark.box.bottom - mark.box.top];
  const isLine = width > 2.4 * height && width > 1.1 * (box.right - box.left) && mark.stroke < 0.12 * width;
  const [left, top] = [Math.floor((box.left + box.right) / 2), Math.floor((box.top + box.bottom) / 2)];
  const isAround = distance(mark.box, { left, top, right: left + 1, bottom: top + 1 }) === 0 && mark.edge > 0.1 * (width + height);
  return !mark.isSurround && !isLine && !isAround;
}

// The part of the ink that a candidate has; specks do not count.
function shareOf({ marks }, candidate) {
  let others = 0;
  for (const mark of marks) {
    if (mark.mass < 0.03 * candidate.mass) {
      break;
    }

    others += candidate.parts.includes(mark) || !isBesides(candidate, mark) ? 0 : mark.mass;
  }

  return candidate.mass / (candidate.mass + others);
}

// The part of the ink in and just around a candidate's box that is its own.
function cleannessOf({ ink, marks }, candidate) {
  const { box, parts, mass } = candidate;
  const margin = Math.floor(longestOf(box) / 4);
  const around = { left: box.left - margin, top: box.top - margin, right: box.right + margin, bottom: box.bottom + margin };
  let near = 0;
  for (const mark of marks.filter((mark) => !parts.includes(mark) && isBesides(candidate, mark) && distance(mark.box, around) === 0)) {
    for (const [row, from, to] of mark.runs) {
      for (let x = Math.max(from, around.left); row >= around.top && row < around.bottom && x < Math.min(to, around.right); x++) {
        near += ink.levels[row * ink.width + x];
      }
    }
  }

  return mass / (mass + near);
}

function scoreOf(sheet, candidate, shades) {
  const { ink, threshold, isLighter } = sheet;
  const { box, parts, main } = candidate;
  const levels = levelsOf(sheet, parts);
  const high = quantile(levels, 0.95);
  levels.fill(0, 0, Math.floor(high / 4));
  const even = quantile(levels, 0.35) / Math.max(1, high);
  const wanted = 0.45 + 0.35 * clamp((main.stroke - 4) / 8, 0, 1);
  let evenEnough = clamp((even - wanted + 0.25) / 0.25, 0, 1);

  const cleanness = cleannessOf(sheet, candidate);
  evenEnough += (1 - evenEnough) * 0.8 * clamp((cleanness - 0.94) / 0.05, 0, 1);

  let [shade, area] = [0, 0];
  for (const [row, from, to] of parts.flatMap((part) => part.runs)) {
    for (let x = from; x < to; x++) {
      shade += shades.levels[row * ink.width + x];
    }

    area += to - from;
  }

  const wide = Math.max(3, Math.floor(longestOf(box) / 3));
  const counts = new Int32Array(256);
  forEachIn({ left: box.left - wide, top: box.top - wide, right: box.right + wide, bottom: box.bottom + wide }, ink, (i) => {
    if (ink.levels[i] <= threshold) {
      counts[shades.levels[i]]++;
    }
  });
  const paper = quantile(counts, isLighter ? 0.1 : 0.9);
  const middle = (shade / area + paper) / 2;
  const total = counts.reduce((sum, count) => sum + count, 0);
  const same = counts.reduce((sum, count, level) => sum + (level > middle === isLighter ? count : 0), 0);
  const lonely = 1 - (total === 0 ? 0 : (0.8 * same) / total);
  const lines = sheet.down.length + sheet.across.length;
  return candidate.likeness * shareOf(sheet, candidate) * evenEnough * lonely * cleanness ** (lines > 0 ? 2 : 3);
}

const clamp = (value, least, most) => Math.min(most, Math.max(least, value));

function forEachIn(box, { width, height }, visit) {
  for (let y = Math.max(0, box.top); y < Math.min(height, box.bottom); y++) {
    for (let x = Math.max(0, box.left); x < Math.min(width, box.right); x++) {
      visit(y * width + x);
    }
  }
}

function bestOf(sheet, longest) {
  for (const least of [Math.max(5, Math.floor(longest / 40)), 5]) {
    const candidates = sheet.marks.filter((mark) => longestOf(mark.box) >= least).slice(0, 12)
      .map((mark) => candidateAround(mark, sheet)).filter((candidate) => candidate.likeness > 0);
    if (candidates.length > 0) {
      return candidates.reduce((a, b) => (b.likeness * b.mass > a.likeness * a.mass ? b : a));
    }
  }

  return null;
}

// ---- the digit

// plane: a picture in shades of grey, 0 black to 255 white. Gives { digit, seen, sureness } or { instead }; of a small digit that was looked
// at closer, what is the picture that its places are of.
function findDigit(plane) {
  const shades = smoothed(plane);
  const sheet = paperSheetOf(shades);
  if (sheet) {
    const found = searchIn(sheet.paper, [false], true, null);
    if (found.digit && found.sureness >= 0.65) {
      const digit = { ...found.digit, left: found.digit.left + sheet.left, top: found.digit.top + sheet.top };
      const box = { left: digit.left, top: digit.top, right: digit.left + digit.width, bottom: digit.top + digit.height };
      return isSmall(plane, box) ? closer(plane, box) : { ...found, digit };
    }
  }

  const evidence = polarityOf(shades);
  return searchIn(shades, [evidence > 0, evidence <= 0], Math.abs(evidence) > 0.4, plane);
}

// Whether the picture has more pixels of something small.
const isSmall = (plane, box) => Boolean(plane?.detail) && longestOf(box) < 40;

// Looks again at what is around a box, with all the pixels that there are.
function closer({ width: wide, detail }, box) {
  const scale = detail.width / wide;
  const margin = 2 * longestOf(box);
  const left = Math.trunc(Math.max(0, box.left - margin) * scale);
  const top = Math.trunc(Math.max(0, box.top - margin) * scale);
  const width = Math.min(detail.width, Math.trunc((box.right + margin) * scale)) - left;
  const height = Math.min(detail.height, Math.trunc((box.bottom + margin) * scale)) - top;
  const levels = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    const from = (top + y) * detail.width + left;
    levels.set(detail.levels.subarray(from, from + width), y * width);
  }

  const search = findDigit(planeOf(width, height, levels));
  return search.digit
    ? { ...search, of: detail, digit: { ...search.digit, left: left + search.digit.left, top: top + search.digit.top } }
    : search;
}

// How sure it is that the best candidate is a digit; more so where it stands quite alone on its paper.
function surenessOf(sheet, best, score) {
  const isAlone = best.likeness === 1 && best.main.edge === 0 && best.parts.length <= 2
    && shareOf(sheet, best) >= 0.95 && cleannessOf(sheet, best) >= 0.98;
  return Math.min(1, isAlone ? 1.5 * score : score);
}

// shades: the picture, grain smoothed; polarities: whether ink is light, the likelier first; plane: the picture itself, or null.
function searchIn(shades, polarities, isCertain, plane) {
  const longest = Math.max(shades.width, shades.height);
  const wide = Math.max(3, Math.trunc(0.18 * longest));
  const radii = longest <= 64 ? [wide] : [Math.max(3, Math.floor(longest / 15)), wide];
  let [sheet, best, score] = [null, null, 0];
  for (const isLighter of polarities) {
    const trust = isLighter === polarities[0] ? 1 : isCertain ? 0.6 : 0.9;
    let narrower = null;
    for (const radius of radii) {
      const tried = sheetOf(shades, isLighter, radius);
      const candidate = bestOf(tried, longest);
      const own = candidate ? trust * scoreOf(tried, candidate, shades) : 0;
      const isMore = narrower?.candidate && candidate && candidate.mass > 1.1 * narrower.candidate.mass
        && distance(candidate.box, narrower.candidate.box) === 0 && own > 0.7 * narrower.own && score === narrower.own;
      if (own > score || isMore) {
        [sheet, best, score] = [tried, candidate, own];
      }

      if (own > 0.5 && candidate.main.stroke < 0.84 * radius) {
        break;
      }

      narrower = { candidate, own };
    }

    if (best && (isCertain ? surenessOf(sheet, best, score) : score) > 0.75) {
      break;
    }
  }

  if (!best) {
    return { instead: "nothing stands out from its surroundings as a digit does" };
  }

  if (isSmall(plane, best.box)) {
    return closer(plane, best.box);
  }

  const isOther = (mark) => !best.parts.includes(mark) && !mark.isSurround;
  const size = longestOf(best.box);
  const alike = sheet.marks.filter((mark) => isOther(mark) && longestOf(mark.box) >= 0.5 * size
    && longestOf(mark.box) <= 2 * size && mark.mass >= 0.15 * best.mass).length;
  const digit = cutOut(sheet, best);
  const sureness = surenessOf(sheet, best, score);
  if (alike >= 3) {
    return { instead: `there are ${alike + 1} marks of one size, as in a number or a text` };
  } else if (sureness < 0.2 || !digit) {
    return { instead: "what stands out the most hardly has a digit's shape" };
  }

  const others = sheet.marks.filter((mark) => isOther(mark) && mark.mass >= 0.3 * best.mass && 2 * longestOf(mark.box) >= size).length;
  const seen = [];
  if (sheet.down.length + sheet.across.length > 0) {
    seen.push(isFramed(sheet, best.box) ? "read inside a frame" : "lines removed");
  }

  if (others > 0) {
    seen.push(`${others === 1 ? "two" : others + 1} candidates`);
  }

  return { digit, seen, sureness };
}

function isFramed({ down, across }, box) {
  const sides = (lines, scan, place) => {
    const places = lines.filter((line) => line.first <= scan && line.last >= scan).map((line) => line.intercept + line.slope * scan);
    return places.some((at) => at < place) && places.some((at) => at > place);
  };
  const [x, y] = [(box.left + box.right) / 2, (box.top + box.bottom) / 2];
  return sides(down, y, x) && sides(across, x, y);
}

function cutOut({ ink, threshold, noise }, { box, parts }) {
  const left = Math.max(0, box.left - 1);
  const top = Math.max(0, box.top - 1);
  const width = Math.min(ink.width, box.right + 1) - left;
  const height = Math.min(ink.height, box.bottom + 1) - top;
  const kinds = new Uint8Array(width * height);
  const counts = new Int32Array(256);
  for (const [row, from, to] of parts.flatMap((part) => part.runs)) {
    for (let x = from - left; x < to - left; x++) {
      counts[ink.levels[row * ink.width + x + left]]++;
      kinds[(row - top) * width + x] |= 2;
    }

    for (let y = Math.max(0, row - top - 1); y <= Math.min(height - 1, row - top + 1); y++) {
      for (let x = Math.max(0, from - left - 1); x < Math.min(width, to - left + 1); x++) {
        kinds[y * width + x] |= 1;
      }
    }
  }

  const full = quantile(counts, 0.9);
  const floor = Math.min(noise, full / 4);
  if (full < 2 * noise) {
    return null;
  }

  const cut = Float32Array.from(kinds, (kind, i) => {
    const level = ink.levels[(top + Math.floor(i / width)) * ink.width + left + (i % width)];
    return kind >= 2 || (kind === 1 && level <= threshold) ? clamp((level - floor) / (full - floor), 0, 1) : 0;
  });
  const edge = { left: width, top: height, right: 0, bottom: 0 };
  cut.forEach((value, i) => {
    if (value >= 0.2) {
      const [x, y] = [i % width, Math.floor(i / width)];
      Object.assign(edge, boxWith(edge, { left: x, top: y, right: x + 1, bottom: y + 1 }));
    }
  });
  const trimmed = new Float32Array((edge.right - edge.left) * (edge.bottom - edge.top));
  for (let y = edge.top; y < edge.bottom; y++) {
    trimmed.set(cut.subarray(y * width + edge.left, y * width + edge.right), (y - edge.top) * (edge.right - edge.left));
  }

  return {
    left: left + edge.left, top: top + edge.top, width: edge.right - edge.left, height: edge.bottom - edge.top, ink: trimmed,
  };
}

package diagram

import (
	"fmt"
	"html"
	"io"
	"strings"
)

// Sizes in the picture, in pixels.
const (
	laneLeft   = 110
	laneRight  = 910
	pageWidth  = 980
	rowHeight  = 34
	top        = 70
	charWidth  = 7.6
	fontFamily = "ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace"
)

// style has the colours, for light and dark mode.
const style = `
:root { --fg:#1f2328; --dim:#59636e; --bg:#ffffff; --tls:#dcf5e3; --ok:#1a7f37; --go:#0969da; --temp:#9a6700; --perm:#cf222e;
  --note:#8250df; --lane:#8c959f; }
@media (prefers-color-scheme: dark) { :root { --fg:#e6edf3; --dim:#9198a1; --bg:#0d1117; --tls:#12261a; --ok:#3fb950;
  --go:#58a6ff; --temp:#d29922; --perm:#f85149; --note:#bc8cff; --lane:#656c76; } }
.diagram { background: var(--bg); }
.diagram text { fill: var(--fg); font-size: 12.5px; font-family: ` + fontFamily + `; }
.diagram .head { font-size: 15px; font-weight: 600; text-anchor: middle; }
.diagram .time { fill: var(--dim); text-anchor: end; font-size: 11px; }
.diagram .took { fill: var(--dim); font-size: 11px; }
.diagram .note { fill: var(--note); text-anchor: middle; }
.diagram .lane { stroke: var(--lane); stroke-width: 2; }
.diagram .shade { fill: var(--tls); }
.diagram .group { stroke: var(--go); stroke-width: 3; fill: none; }
.diagram line.arrow { stroke-width: 1.5; }
.c2 { stroke: var(--ok); } .c3 { stroke: var(--go); } .c4 { stroke: var(--temp); } .c5 { stroke: var(--perm); } .sent { stroke: var(--fg); }
.diagram text.c2 { fill: var(--ok); stroke: none; }
.diagram text.c3 { fill: var(--go); stroke: none; }
.diagram text.c4 { fill: var(--temp); stroke: none; }
.diagram text.c5 { fill: var(--perm); stroke: none; }
.diagram text.sent { stroke: none; font-weight: 600; }
.diagram g.row { outline: none; }
.diagram g.row .hit { fill: transparent; }
.diagram g.row:hover .hit, .diagram g.row:focus .hit { fill: var(--go); fill-opacity: 0.12; }
`

// SVG writes the diagram as a self-contained SVG picture. It returns the error of w.
func (d *Diagram) SVG(w io.Writer) error {
	_, err := io.WriteString(w, d.svg(ownDocument))
	return err
}

// placement is the place of a picture.
type placement int

const (
	partOfPage  placement = iota // part of an HTML page, which has the style
	ownDocument                  // a file with its own style
)

// svg returns the picture.
func (d *Diagram) svg(place placement) string {
	var b strings.Builder
	height := top + rowHeight*len(d.Rows) + 30
	xmlns := ""
	if place == ownDocument {
		xmlns = ` xmlns="http://www.w3.org/2000/svg"`
	}
	fmt.Fprintf(&b, "<svg%s class=\"diagram\" role=\"img\" aria-label=\"%s\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\">\n", xmlns,
		html.EscapeString(d.Title), pageWidth, height, pageWidth, height)
	if place == ownDocument {
		b.WriteString("<style>" + style + "</style>\n")
		fmt.Fprintf(&b, "<rect width=\"%d\" height=\"%d\" fill=\"var(--bg)\"/>\n", pageWidth, height)
	}
	d.shade(&b)
	fmt.Fprintf(&b, "<text class=\"head\" x=\"%d\" y=\"36\">client</text><text class=\"head\" x=\"%d\" y=\"36\">server</text>\n", laneLeft,
		laneRight)
	for _, x := range []int{laneLeft, laneRight} {
		fmt.Fprintf(&b, "<line class=\"lane\" x1=\"%d\" y1=\"46\" x2=\"%d\" y2=\"%d\"/>\n", x, x, height-12)
	}
	for i, r := range d.Rows {
		d.arrow(&b, i, r)
	}
	b.WriteString("</svg>\n")
	return b.String()
}

// shade shades the encrypted parts.
func (d *Diagram) shade(b *strings.Builder) {
	from := -1
	flush := func(to int) {
		if from >= 0 {
			fmt.Fprintf(b, "<rect class=\"shade\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"><title>encrypted with TLS</title></rect>\n",
				laneLeft, top+from*rowHeight-rowHeight/2, laneRight-laneLeft, (to-from)*rowHeight)
		}
		from = -1
	}
	for i, r := range d.Rows {
		switch {
		case r.Kind == Break || !r.TLS:
			flush(i)
		case from < 0:
			from = i
		}
	}
	flush(len(d.Rows))
}

func (d *Diagram) arrow(b *strings.Builder, i int, r Row) {
	y := top + i*rowHeight
	fmt.Fprintf(b, "<g class=\"row\" tabindex=\"0\"><title>%s</title>", html.EscapeString(r.Text+title(r.Hover)))
	fmt.Fprintf(b, "<rect class=\"hit\" x=\"0\" y=\"%d\" width=\"%d\" height=\"%d\"/>", y-rowHeight/2, pageWidth, rowHeight)
	fmt.Fprintf(b, "<text class=\"time\" x=\"%d\" y=\"%d\">%.3f s</text>", laneLeft-24, y+4, r.At)
	middle := (laneLeft + laneRight) / 2
	room := widthOf(laneRight - laneLeft - 40)
	switch r.Kind {
	case Note, TLS, Break:
		fmt.Fprintf(b, "<text class=\"note\" x=\"%d\" y=\"%d\">%s</text>", middle, y+4, html.EscapeString(fit(r.Text, room)))
	case Sent:
		fmt.Fprintf(b, "<text class=\"sent\" x=\"%d\" y=\"%d\">%s</text>", laneLeft+14, y-5, html.EscapeString(fit(r.Text, room)))
		head(b, "sent", laneLeft+2, laneRight-3, y+4)
	case Received:
		class := fmt.Sprintf("c%d", r.Code/100)
		took := ""
		if r.Took >= noticeable {
			took = duration(r.Took)
			room -= len(took) + 3
		}
		text := fit(r.Text, room)
		fmt.Fprintf(b, "<text class=\"%s\" x=\"%d\" y=\"%d\">%s</text>", class, laneLeft+14, y-5, html.EscapeString(text))
		if took != "" {
			fmt.Fprintf(b, "<text class=\"took\" x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>", laneRight-14, y-5, took)
		}
		head(b, class, laneRight-2, laneLeft+3, y+4)
	}
	if r.Group > 0 {
		first := i == 0 || d.Rows[i-1].Group != r.Group
		if first {
			n := 0
			for j := i; j < len(d.Rows) && d.Rows[j].Group == r.Group; j++ {
				n++
			}
			fmt.Fprintf(b, "<path class=\"group\" d=\"M %d %d h -7 v %d h 7\"><title>%d commands that were sent together "+
				"(pipelining)</title></path>",
				laneLeft-6, y-10, n*rowHeight-12, n)
		}
	}
	b.WriteString("</g>\n")
}

func title(hover string) string {
	if hover == "" {
		return ""
	}
	return "\n\n" + hover
}

// head draws an arrow from x1 to x2.
func head(b *strings.Builder, class string, x1, x2, y int) {
	back := -7
	if x2 < x1 {
		back = 7
	}
	fmt.Fprintf(b,
		"<line class=\"arrow %s\" x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/><path class=\"arrow %s\" fill=\"none\" d=\"M %d %d l %d -4 M %d "+
			"%d l %d 4\"/>",
		class, x1, y, x2, y, class, x2, y, back, x2, y, back)
}

// HTML writes the diagram as a self-contained HTML page, which shows the explanation of
// the row under the pointer. It returns the error of w.
func (d *Diagram) HTML(w io.Writer) error {
	var b strings.Builder
	b.WriteString("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" " +
		"content=\"width=device-width\">\n")
	fmt.Fprintf(&b, "<title>%s</title>\n<style>%s%s</style>\n</head>\n<body>\n<h1>%s</h1>\n", html.EscapeString(d.Title), style, page,
		html.EscapeString(d.Title))
	b.WriteString("<p class=\"lead\">Time runs downwards. Shaded parts are encrypted. A bracket joins commands that were sent together. " +
		"Hover over a row for an explanation.</p>\n")
	b.WriteString("<div class=\"sheet\">" + d.svg(partOfPage) + "</div>\n<aside id=\"why\" aria-live=\"polite\"></aside>\n" + script +
		"</body>\n</html>\n")
	_, err := io.WriteString(w, b.String())
	return err
}

const page = `
body { margin: 0 auto; padding: 24px 16px 30vh; max-width: 1010px; color: var(--fg); background: var(--bg);
  font-family: system-ui, 'DejaVu Sans', sans-serif; }
h1 { font-size: 20px; margin: 0 0 4px; } .lead { color: var(--dim); margin: 0 0 16px; font-size: 14px; }
.sheet { overflow-x: auto; } .sheet svg { max-width: 100%; min-width: 640px; height: auto; }
#why { position: fixed; left: 0; right: 0; bottom: 0; padding: 12px 24px; background: var(--bg);
  border-top: 2px solid var(--lane); white-space: pre-wrap; font: 13.5px/1.45 ` + fontFamily + `; max-height: 30vh; overflow-y: auto; }
#why:empty { display: none; }
`

// script shows the title of the row under the pointer or focus at the bottom of the page,
// without the delay of a tooltip. Without JavaScript the tooltips still work.
const script = `<script>
for (const g of document.querySelectorAll("g.row")) {
  const show = () => { document.getElementById("why").textContent = g.querySelector("title").textContent; };
  g.addEventListener("mouseenter", show);
  g.addEventListener("focus", show);
}
</script>
`

// widthOf returns the number of characters that fit into a width in pixels.
func widthOf(pixels float64) int { return int(pixels / charWidth) }

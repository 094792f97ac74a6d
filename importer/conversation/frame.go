package conversation

import (
	"strings"
)

// frameHead begins the document of a frame. Its style shows what was taken out, and keeps wide mails in.
const frameHead = `<!doctype html><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="` + FramePolicy + `">` +
	`<style>body{margin:8px;font:14px/1.5 sans-serif;color:#222;background:#fff;overflow-wrap:anywhere}img,table{max-width:100%}` +
	`.p{display:inline-block;border:1px dashed #767676;border-radius:4px;padding:0 6px;color:#555;background:#f6f6f6;font-size:12px}` +
	`.l{color:#0b57a4;text-decoration:underline}.t{color:#555;font-size:12px}</style><body dir="auto">`

// frame is the document a body is shown in; clean is from [cleaner.run].
func frame(clean string) string { return frameHead + clean }

// steps are the heights a frame may have, in lines.
func steps() []int { return []int{3, 5, 8, 12, 17, 24} }

// heightOf picks the least height that shows all of the cleaned HTML, about; a frame that is lower than its content scrolls.
func heightOf(clean string) int {
	text := Text(clean)
	n := linesOf(text) + 6*strings.Count(clean, "<img ") + strings.Count(clean, "<td")/4
	all := steps()
	for _, step := range all {
		if n <= step {
			return step
		}
	}
	return all[len(all)-1]
}

package browsertest

import (
	"os"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// axePath is where .ci/run installs axe-core.
const axePath = "../../../.ci/axe/node_modules/axe-core/axe.min.js"

// axeSource reads axe-core; where it is not installed the test is skipped.
func axeSource(t *testing.T) string {
	t.Helper()
	source, err := os.ReadFile(axePath)
	if err != nil {
		absent(t, "no axe-core: npm install --prefix .ci/axe")
	}
	return string(source)
}

// finding is a rule of axe-core that a page breaks.
type finding struct {
	ID     string   `json:"id"`
	Impact string   `json:"impact"`
	Help   string   `json:"help"`
	Where  []string `json:"where"`
}

// accessible fails when axe-core finds anything in the page that keeps people out. The frames of messages are looked at
// from outside: what is in them is the sender's.
func (p *tab) accessible(source string) {
	p.t.Helper()
	do(p, chromedp.Evaluate[chromedp.Void](source))
	found := eval[[]finding](p, `axe.run(document, {iframes: false, resultTypes: ["violations"]}).then(r => r.violations.map(v => ({
		id: v.id, impact: v.impact, help: v.help, where: v.nodes.slice(0, 4).map(n => n.target.join(" ") + ": " + n.html.slice(0, 140) + " " + n.any.map(a => a.message).join("; ").slice(0, 160)),
	})))`)
	for _, f := range found {
		if f.Impact == "serious" || f.Impact == "critical" {
			p.t.Errorf("%s: %s: %s\n    %s", f.Impact, f.ID, f.Help, strings.Join(f.Where, "\n    "))
		} else {
			p.t.Logf("%s: %s: %s\n    %s", f.Impact, f.ID, f.Help, strings.Join(f.Where, "\n    "))
		}
	}
}

package report

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/mapping"
)

func rendered(t *testing.T, r *Report) string {
	t.Helper()
	var b bytes.Buffer
	if err := HTML(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// hostile closes whatever may be open, in every way that a page has.
const hostile = "a\x00\u202e</script></style></textarea></title></pre>-->]]><script>x()</script><img src=//evil.test/i onerror=x()>\"'><svg onload=x()><a href=javascript:x()>{{.}}`${x()}"

// fill puts the hostile text into every string below v, two entries into every list, and numbers everywhere.
func fill(v reflect.Value, text string, n *int64) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Int, reflect.Int64, reflect.Int8, reflect.Int32:
		*n++
		v.SetInt(*n)
	case reflect.Uint8:
		v.SetUint(0)
	case reflect.Float64:
		v.SetFloat(1.5)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), text, n)
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range 2 {
			fill(v.Index(i), text, n)
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(time.Date(2024, 3, 1, 9, 0, 0, 0, time.UTC)))
			return
		}
		for i := range v.NumField() {
			if v.Field(i).CanSet() {
				fill(v.Field(i), text, n)
			}
		}
	}
}

// filled is a report with text in every string that it has.
func filled(text string) *Report {
	r, n := &Report{}, int64(0)
	fill(reflect.ValueOf(r).Elem(), text, &n)
	r.Running, r.NothingNew = nil, false
	for i := range r.Previews {
		r.Previews[i].Left = 3
	}
	r.Months = []importer.MonthSum{{Month: text, Incoming: 1}, {Month: "2024-02", Incoming: 1}, {Month: "2024-05", Outgoing: 2}}
	r.Problems = append(r.Problems, importer.ProblemSum{Code: "table.unknown", Severity: "error", Count: 1, Hint: "tables.status: add  " + strings.ReplaceAll(text, "\n", "") + ": open"})
	return r
}

// TestPageIsInert: whatever the export holds, the page has its one script, loads nothing, and leads nowhere.
func TestPageIsInert(t *testing.T) {
	for name, r := range map[string]*Report{"mapped": filled(hostile), "empty": {}, "verified": {Verification: filled(hostile).Verification}} {
		t.Run(name, func(t *testing.T) {
			text := rendered(t, r)
			doc, err := html.Parse(strings.NewReader(text))
			if err != nil {
				t.Fatal(err)
			}
			scripts, ids := 0, map[string]bool{}
			for n := range doc.Descendants() {
				if n.Type != html.ElementNode {
					continue
				}
				switch n.Data {
				case "script":
					scripts++
					if n.FirstChild == nil || n.FirstChild.Data != pageScript {
						t.Error("a script that is not the page's own")
					}
				case "img", "object", "embed", "video", "audio", "source", "base", "input", "form":
					if n.Data != "input" && n.Data != "form" || !strings.HasPrefix(attr(n, "id"), "filter") {
						t.Errorf("the page has <%s>", n.Data)
					}
				}
				checkElement(t, n, ids)
			}
			if scripts != 1 {
				t.Errorf("%d scripts", scripts)
			}
			sum := sha256.Sum256([]byte(pageScript))
			if want := "script-src &#39;sha256-" + base64.StdEncoding.EncodeToString(sum[:]); !strings.Contains(strings.ReplaceAll(text, "&#43;", "+"), want) {
				t.Error("the policy does not name the script")
			}
		})
	}
}

// checkElement holds one element to what all of them keep.
func checkElement(t *testing.T, n *html.Node, ids map[string]bool) {
	t.Helper()
	for _, a := range n.Attr {
		switch {
		case strings.HasPrefix(a.Key, "on"):
			t.Errorf("<%s %s>", n.Data, a.Key)
		case a.Key == "href" && !strings.HasPrefix(a.Val, "#") && a.Val != "data:,", a.Key == "src", a.Key == "srcset", a.Key == "action", a.Key == "xlink:href":
			t.Errorf("<%s %s=%q>", n.Data, a.Key, a.Val)
		case a.Key == "style" && strings.ContainsAny(a.Val, "\"'<\\@") || a.Key == "style" && strings.Contains(a.Val, "url"):
			t.Errorf("style %q", a.Val)
		case a.Key == "id":
			if ids[a.Val] {
				t.Errorf("two elements have the id %q", a.Val)
			}
			ids[a.Val] = true
		}
	}
	if n.Data == "iframe" && (!slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == "sandbox" && a.Val == "" }) || attr(n, "title") == "") {
		t.Error("a frame that may do something, or has no title")
	}
	if n.Data == "svg" && attr(n, "aria-hidden") == "" && attr(n, "aria-label") == "" {
		t.Error("a drawing without words")
	}
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

// TestPageIsSmall: the largest report there can be is below 2 MB, and still says what matters.
func TestPageIsSmall(t *testing.T) {
	r := filled(strings.Repeat("<\"&'>", 40))
	r.Problems, r.Fields, r.Kept, r.Skipped = grown(r.Problems[:1], 3000), grown(r.Fields, 3000), grown(r.Kept, 3000), grown(r.Skipped, 3000)
	r.Statuses, r.Channels, r.Changed, r.Inputs = grown(r.Statuses, 1000), grown(r.Channels, 100), grown(r.Changed, 3000), grown(r.Inputs, 10_000)
	r.People.Staff, r.Picks = grown(r.People.Staff, 1000), grown(r.Picks, 100)
	r.Problems[0].Values = grown(r.Problems[0].Values, 1000)
	r.Mapping.Text = strings.Repeat("<x>: &\n", 1<<20)
	for i := range r.Verification.Kinds {
		r.Verification.Differences = grown(r.Verification.Differences, 1000)
		r.Verification.Kinds[i].Code = r.Verification.Differences[0].Code
	}
	for year := range 3000 {
		r.Months = append(r.Months, importer.MonthSum{Month: fmt.Sprintf("%04d-01", year+1), Incoming: 1})
	}
	r.Previews = nil
	for i := range 30 {
		r.Previews = append(r.Previews, bigPreview(fmt.Sprint(i)))
	}
	text := rendered(t, r)
	t.Logf("%d bytes", len(text))
	if len(text) >= MaxPage {
		t.Errorf("%d bytes", len(text))
	}
	for _, want := range []string{`id="verdict"`, `id="problems"`, `id="conversations"`, "--json lists them", "deskferry mapping show"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
}

func grown[T any](all []T, n int) []T {
	out := make([]T, n)
	for i := range out {
		out[i] = all[i%len(all)]
	}
	return out
}

// bigPreview is as large as previews get.
func bigPreview(id string) importer.Preview {
	p := importer.Preview{Pick: importer.Pick{Ticket: id, Why: []string{"longest"}}, Work: &importer.Work{Ticket: mapping.Ticket{Subject: "Subject " + id}}, Left: 450}
	for range 50 {
		p.Work.Ticket.Messages = append(p.Work.Ticket.Messages, mapping.Message{Public: true, BodyHTML: strings.Repeat("<b>bold</b> \"&", 120)})
		p.Records = append(p.Records, importer.PreviewRecord{Origin: "big.csv:7", Text: strings.Repeat("<&", 16<<10)})
	}
	return p
}

// TestPageShowsConversations draws previews, and lists those that could not be read again.
func TestPageShowsConversations(t *testing.T) {
	r := &Report{Summary: sample(), Command: "check", Ended: time.Now()}
	r.Picks = []importer.Pick{{Ticket: "7", Why: []string{"longest"}}, {Ticket: "8", Why: []string{"emoji"}}}
	r.Previews = []importer.Preview{bigPreview("7")}
	r.Previews[0].Further = 2950
	text := rendered(t, r)
	for _, want := range []string{"Subject 7", `sandbox="" srcdoc="`, "big.csv:7", "<bdi>8</bdi>", " more records</p>"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}

// TestPageRuns: a page loads itself again as long as the run goes on, and not afterwards.
func TestPageRuns(t *testing.T) {
	r := &Report{Summary: sample(), Command: "import", Running: &Running{Phase: "importing", Done: 1, Total: 4, Unit: "tickets"}}
	if text := rendered(t, r); !strings.Contains(text, `http-equiv="refresh"`) || !strings.Contains(text, `value="25"`) || !strings.Contains(text, "<b>Importing:</b> 1 of 4 tickets so far") {
		t.Error("a running page does not say so")
	}
	r.Ended, r.Note = time.Now(), "<interrupted>"
	if text := rendered(t, r); strings.Contains(text, `http-equiv="refresh"`) || !strings.Contains(text, "&lt;interrupted&gt;") {
		t.Error("a page that has ended goes on")
	}
}

// TestPageHasPasteLines: what is to be put into the mapping stands by itself.
func TestPageHasPasteLines(t *testing.T) {
	text := rendered(t, &Report{Summary: sample(), Command: "import"})
	for _, want := range []string{`under <code>tables.status</code>`, `<bdi>&#34;on-hold&#34;: open</bdi></code>`} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}

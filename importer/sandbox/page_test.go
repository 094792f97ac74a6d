package sandbox

import (
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"testing"
)

func show(s *Server, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, httptest.NewRequest("GET", path, nil))
	return w
}

func TestPages(t *testing.T) {
	s := New(Options{Now: at(noon)})
	if b := show(s, "/").Body.String(); !strings.Contains(b, "No tickets yet") || strings.Contains(b, `role="alert"`) {
		t.Error("the empty page is not empty")
	}
	hostile := strings.NewReplacer("Where is my parcel?", `<script>alert(1)</script> & </textarea>`, `"external_id":"m1"`,
		`"body_html":"<img src=x onerror=alert(2)>","external_id":"\"><i>","attachments":[{"url":"javascript:alert(3)","name":"<b>.png"}]`, "Ana Maria Lopez", "<u>Ana</u>").Replace(incoming)
	call(t, s, "POST", "/api/tickets", ticketOf(`"subject":"<h1>Parcel</h1>","tags":[{"name":"<vip>"}]`, hostile, outgoing, note)).want(201)
	for path, wants := range map[string][]string{
		"/":               {"&lt;h1&gt;Parcel", "&lt;vip&gt;", "3 messages", "&lt;u&gt;Ana"},
		"/?q=parcel":      {"&lt;h1&gt;Parcel"},
		"/?q=nothing":     {"Nothing found"},
		"/tickets/100001": {"picture", `class="in"`, `class="out"`, `class="note"`, "internal note", "&lt;b&gt;.png", "On its way", `sandbox=""`, "Thursday, 4 March 2021", "05:06 UTC"},
		"/outbox":         {"Nothing would have been mailed"},
	} {
		w := show(s, path)
		body := w.Body.String()
		for _, want := range wants {
			if !strings.Contains(body, want) {
				t.Errorf("%s does not hold %q", path, want)
			}
		}
		for _, raw := range []string{"<script", "<img", "<h1>Parcel", "<vip>", "<u>Ana", "javascript:"} {
			if strings.Contains(body, raw) {
				t.Errorf("%s holds %q as it was sent", path, raw)
			}
		}
		if w.Code != http.StatusOK || !strings.Contains(w.Header().Get("Content-Security-Policy"), "default-src 'none'") {
			t.Errorf("%s: %d %v", path, w.Code, w.Header())
		}
	}
	call(t, s, "POST", "/api/tickets", ticketOf(`"subject":"Leak"`, strings.Replace(outgoing, `"2021-03-04T06:06:07+01:00"`, "null", 1))).want(201)
	for path, want := range map[string]string{"/": "would have been mailed", "/outbox": "no sent_datetime", "/tickets/100002": "would have been mailed: no sent_datetime"} {
		if b := show(s, path).Body.String(); !strings.Contains(b, want) || !strings.Contains(b, `role="alert"`) {
			t.Errorf("%s does not warn", path)
		}
	}
	for path, status := range map[string]int{"/tickets/5": 404, "/tickets/x": 404, "/nothing": 404, "/page.css": 200} {
		if got := show(s, path).Code; got != status {
			t.Errorf("%s: %d, want %d", path, got, status)
		}
	}
	if st := s.Stats(); st.Requests != 2 {
		t.Errorf("looking at pages counted as requests: %d", st.Requests)
	}
}

func TestPagesOfManyTickets(t *testing.T) {
	s := New(Options{})
	for range 120 {
		call(t, s, "POST", "/api/tickets", ticketOf("", note)).want(201)
	}
	if b := show(s, "/?from=50").Body.String(); !strings.Contains(b, "51–100 of 120") || strings.Count(b, `href="/tickets/`) != 50 {
		t.Error("the second page is not 51 to 100")
	}
	show(s, "/?from=-5&q=%00")
}

// The sandbox is a second reading of the API: it must share nothing with the client.
func TestSharesNothingWithTheClient(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", ".").Output()
	if err != nil {
		t.Skipf("go list: %v", err)
	}
	for _, p := range strings.Fields(string(out)) {
		ours, is := strings.CutPrefix(p, "github.com/deskferry/deskferry/")
		if is && ours != "importer/sandbox" && ours != "importer/conversation" { // the one draws what the other stores
			t.Errorf("the sandbox imports %s", p)
		}
	}
}

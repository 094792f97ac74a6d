package mapping

import (
	"slices"
	"strings"
	"testing"
)

func TestBodiesOfAMapping(t *testing.T) {
	const text = `version: 1
bodies: { html: as_is, replies: keep, trackers: remove }
tickets: { ticket: { external_id: id } }
`
	f, err := load(text)
	if err != nil {
		t.Fatal(err)
	}
	if b := f.Bodies; b.HTML != "as_is" || b.Replies != "keep" || b.Trackers != "remove" {
		t.Errorf("%+v", b)
	}
	if shown := f.Show(); !strings.Contains(shown, "bodies: { html: as_is, replies: keep, trackers: remove }") {
		t.Errorf("shown as\n%s", shown)
	}
	reload(t, f)
	for _, wrong := range []string{"html: cleaned", "reply: keep", "trackers: yes"} {
		if _, err := load(strings.Replace(text, "html: as_is", wrong, 1)); err == nil {
			t.Errorf("%s is taken", wrong)
		}
	}
}

// TestCheckTellsWhatIsCleaned holds what mapping says of a body against what is sent of it.
func TestCheckTellsWhatIsCleaned(t *testing.T) {
	for _, s := range attacks {
		_, found := scanHTML(s, false)
		cleaned := SanitiseHTML(s, false)
		if _, left := scanHTML(cleaned, false); left != 0 {
			t.Errorf("%s\n became %s, which still holds %v", s, cleaned, left.names())
		}
		if found == 0 && runs(t, s) != "" && !slices.ContainsFunc(unseen, func(begin string) bool { return strings.HasPrefix(s, begin) }) {
			t.Errorf("nothing is told of %s, which becomes %s", s, cleaned)
		}
	}
}

// unseen begin the attacks that go without a word: comments, a document's frame, and what no browser of today shows anything by, or shows as the words they are.
var unseen = []string{"<!", "<?", "<img dynsrc", "<img srcset", `<a href="x" ping`, "<base", "<meta http-equiv=\"Set-Cookie\"", "<meta http-equiv=\"Link\"", "<bgsound", "<layer", "<xml id", "<noscript"}

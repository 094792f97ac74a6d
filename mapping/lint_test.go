package mapping

import (
	"strings"
	"testing"
)

const lintGood = `version: 1
people: { agents: ["@acme.com"] }
tickets:
  ticket: { external_id: id, subject: subject }
messages:
  message: { external_id: mid, author: author, body_text: body, sent_datetime: at }
`

func TestLint(t *testing.T) {
	tests := []struct {
		name, old, new string
		code           string // "" for none
		where          string // beginning of the finding
	}{
		{"nothing to say", "", "", "", ""},
		{"table", "tickets:", "tables: { t: { a: b } }\ntickets:", "table.unused", "m.yaml:3:"},
		{"input", "tickets:", "inputs: { a: { files: a }, b: { files: b } }\ntickets:", "input.unused", "m.yaml:3:28: warning: inputs.b"},
		{"public: false", "body_text", "internal: { is: { public: false } }, body_text", "privacy", "m.yaml:6"},
		{"private: true", "body_text", "internal: { is: { private: true } }, body_text", "privacy", "m.yaml:6"},
		{"not public", "body_text", "internal: { is: { public: { not: true } } }, body_text", "", ""},
		{"deleted tickets", "subject: subject", "subject: subject, status: { from: state, table: { ok: open, deleted: closed } }", "status.gone", "m.yaml:4"},
		{"status nowhere", "subject: subject", "subject: subject, status: { from: state, table: { ok: open, odd: null } }", "status.gone", "m.yaml:4"},
		{"deleted tickets skipped", "subject: subject", "subject: subject, status: { from: state, table: { ok: open, deleted: closed } }, skip: { gone: { state: [Deleted] } }", "", ""},
		{"spam that is marked", "subject: subject", "subject: subject, spam: { is: { state: spam } }, status: { from: state, table: { ok: open, spam: closed } }", "", ""},
		{"no sent time", ", sent_datetime: at", "", "sent.missing", "m.yaml:6:3: error: messages.message"},
		{"constant sent time", "sent_datetime: at", "sent_datetime: { const: 2021-04-03T10:00:00Z }", "sent.constant", "m.yaml:6"},
		{"default sent time", "sent_datetime: at", "sent_datetime: { from: at, default: 2021-04-03T10:00:00Z }", "sent.constant", "m.yaml:6"},
		{"no body", ", body_text: body", "", "message.empty", "m.yaml:6:3: error"},
		{"no author", ", author: author", "", "author.missing", "m.yaml:6:3"},
		{"no message id", "external_id: mid, ", "", "message.nameless", "m.yaml:6:3"},
		{"no ticket id", "external_id: id, ", "", "ticket.nameless", "m.yaml:4:3"},
		{"other input", "message: {", "message: { input: b,", "message.ticketless", "m.yaml:6:3: error"},
		{"no messages", lintGood[strings.Index(lintGood, "messages:"):], "", "messages.missing", "m.yaml:1:1: error"},
		{"only fallbacks", "message: {", "message: { fallback: true,", "messages.fallback", "m.yaml:6:3"},
		{"custom channel", "body_text", "channel: { const: walkie }, body_text", "channel.custom", "m.yaml:6"},
		{"note as channel", "body_text", "channel: { const: internal-note }, body_text", "channel.internal", "m.yaml:6"},
		{"ignored", "tickets:", "ignore: [body]\ntickets:", "ignore.used", "m.yaml:7"},
		{"no agents", "people: { agents: [\"@acme.com\"] }\n", "", "people.missing", "m.yaml:5:3"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			text := lintGood
			if tt.name == "other input" {
				text = strings.Replace(text, "tickets:", "inputs: { a: { files: a }, b: { files: b } }\ntickets:", 1)
				tt.where = strings.Replace(tt.where, ":6:", ":7:", 1)
			}
			if tt.old != "" {
				text = strings.Replace(text, tt.old, tt.new, 1)
			}
			found := mustLoad(t, text).Lint()
			switch {
			case tt.code == "" && len(found) > 0:
				t.Errorf("found %v", found)
			case tt.code != "" && (len(found) != 1 || found[0].Code != "lint."+tt.code || !strings.HasPrefix(found[0].String(), tt.where)):
				t.Errorf("found %v, want %s at %s", found, tt.code, tt.where)
			}
		})
	}
}

// TestLintOfSamples: what ships gives no error.
func TestLintOfSamples(t *testing.T) {
	for name, fsys := range sampleMappings(t) {
		f, err := loadFile(fsys, name)
		if err != nil {
			t.Fatal(err)
		}
		for _, finding := range f.Lint() {
			if finding.Pos.Line < 1 || finding.Text == "" || finding.Path == "" {
				t.Errorf("%s: an empty finding: %+v", name, finding)
			}
			if finding.Severity == Error {
				t.Errorf("%s: %s", name, finding)
			}
		}
	}
}

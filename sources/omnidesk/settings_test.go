package omnidesk

import (
	"errors"
	"reflect"
	"strings"
	"testing"
)

func pairs(words ...string) func(func(string, string) bool) {
	return func(yield func(string, string) bool) {
		for i := 0; i+1 < len(words); i += 2 {
			if !yield(words[i], words[i+1]) {
				return
			}
		}
	}
}

func TestParseSettings(t *testing.T) {
	tests := []struct {
		words string
		want  Settings
		wrong string // in the error
	}{
		{"", Settings{}, ""},
		{"archived yes", Settings{Archived: "yes"}, ""},
		{"archived no", Settings{}, ""},
		{"archived only", Settings{Archived: "only"}, ""},
		{"view my_view-1 status open query invoice", Settings{View: "my_view-1", Status: "open", Query: "invoice"}, ""},
		{"view ../x", Settings{}, "not the name of a view"},
		{"page 9999", Settings{Page: 9999}, ""},
		{"page 10000", Settings{}, "1 to 9999"},
		{"page 0", Settings{}, "1 to 9999"},
		{"page many", Settings{}, "whole number"},
		{"paging page", Settings{Paging: PagingPage}, ""},
		{"paging cursor", Settings{}, "offset"},
		{"history yes", Settings{History: "yes"}, ""},
		{"pace 0.5", Settings{Pace: 0.5}, ""},
		{"pace 0", Settings{}, "requests a second"},
		{"pace NaN", Settings{}, "requests a second"},
		{"pace 1e9", Settings{}, "requests a second"},
		{"parallel 8", Settings{Parallel: 8}, ""},
		{"parallel 33", Settings{}, "1 to 32"},
		{"people no", Settings{NoPeople: true}, ""},
		{"people true", Settings{}, ""},
		{"people some", Settings{}, "yes or no"},
		{"raw_mail yes", Settings{RawMail: true}, ""},
		{"types message,,calllog,", Settings{Types: []string{"message", "calllog"}}, ""},
		{"rawmail yes", Settings{}, "did you mean raw_mail? known: archived, view"},
		{"ARCHIVE yes", Settings{}, "known: archived"},
		{"pace 1 pace 2", Settings{}, "twice"},
	}
	for _, tt := range tests {
		got, err := ParseSettings(pairs(strings.Fields(tt.words)...))
		var wrong *SettingError
		switch {
		case tt.wrong == "" && (err != nil || !reflect.DeepEqual(got, tt.want)):
			t.Errorf("%s: %+v, %v; want %+v", tt.words, got, err, tt.want)
		case tt.wrong != "" && (!errors.As(err, &wrong) || !strings.Contains(err.Error(), tt.wrong) || wrong.Name == ""):
			t.Errorf("%s: error %v, want one with %q", tt.words, err, tt.wrong)
		}
	}
}

func TestParseBase(t *testing.T) {
	tests := []struct{ in, want, wrong string }{
		{"https://acme.omnidesk.com/api/v2", "https://acme.omnidesk.com/api/v2", ""},
		{" https://ACME.omnidesk.io/api/v2/ ", "https://acme.omnidesk.io/api/v2", ""},
		{"https://acme.omnidesk.com", "https://acme.omnidesk.com/api/v2", ""},
		{"https://desk.example.com/proxy/omni", "https://desk.example.com/proxy/omni", ""},
		{"http://127.0.0.1:8766/api/v2", "http://127.0.0.1:8766/api/v2", ""},
		{"http://localhost:8766", "http://localhost:8766/api/v2", ""},
		{"http://acme.omnidesk.com/api/v2", "", "in the clear"},
		{"ftp://acme.omnidesk.com", "", "scheme"},
		{"https://", "", "no host"},
		{"https://user:pw@acme.omnidesk.com", "", "DESKFERRY_OMNIDESK_KEY"},
		{"https://acme.omnidesk.com/api/v2?apiKey=secretkey", "", "DESKFERRY_OMNIDESK_KEY"},
		{"https://acme.omnidesk.com/api/v2#x", "", "more than host"},
		{"https://acme.omnidesk.com/api/v2/ticket", "", "one part"},
		{"https://acme.omnidesk.com/api/../x", "", "odd path"},
		{"https://acme.omnidesk.ru", "", "another product"},
		{"https://omnidesk.pro/api/v2", "", "another product"},
		{"https://desk.example.com/api/cases.json", "", "another product"},
		{"https://a b", "", "cannot be read"},
	}
	for _, tt := range tests {
		got, err := ParseBase(tt.in)
		switch {
		case tt.wrong == "" && (err != nil || got.String() != tt.want):
			t.Errorf("%q: %v, %v; want %s", tt.in, got, err, tt.want)
		case tt.wrong != "" && (err == nil || !strings.Contains(err.Error(), tt.wrong)):
			t.Errorf("%q: error %v, want one with %q", tt.in, err, tt.wrong)
		case err != nil && (strings.Contains(err.Error(), "secretkey") || strings.Contains(err.Error(), "pw")):
			t.Errorf("%q: the error holds a credential: %v", tt.in, err)
		}
	}
}

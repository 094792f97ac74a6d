package mapping

import (
	"strings"
	"testing"
)

func TestNearest(t *testing.T) {
	tests := []struct {
		word  string
		among []string
		want  string
	}{
		{"sent_datetme", fieldNames(messageFields), "sent_datetime"},
		{"Sent Datetime", fieldNames(messageFields), "sent_datetime"},
		{"SENT-DATETIME", fieldNames(messageFields), "sent_datetime"},
		{"stauts", []string{"subject", "status"}, "status"},
		{"ticket", []string{"tickets", "messages"}, "tickets"},
		{"Betref", []string{"Datum", "Betreff"}, "Betreff"},
		{"größe", []string{"Grösse", "Größe"}, "Größe"},
		{"xyz", []string{"subject", "status"}, ""},
		{"", []string{"a"}, ""},
		{"a", []string{"b", ""}, ""},
		{"a", []string{"A"}, "A"},
		{"id", nil, ""},
		{strings.Repeat("x", 1000), []string{strings.Repeat("x", 1000)}, ""},
	}
	for _, tt := range tests {
		if got := Nearest(tt.word, tt.among); got != tt.want {
			t.Errorf("Nearest(%.20q) = %q, want %q", tt.word, got, tt.want)
		}
	}
}

// Package problem is the one table of what deskferry reports: every code that a report, a verification, a doctor's finding, an
// inspection or a mapping's check can carry, with cause, example and remedy. docs/problems.md is made of it, and a test holds
// it against the code that emits them.
package problem

import (
	"cmp"
	"slices"
	"strings"

	"github.com/deskferry/deskferry/mapping"
)

// Entry tells all that is known of one code. Its JSON form is stable.
type Entry struct {
	Code     string `json:"code"`     // stable: reports and scripts depend on it
	Area     string `json:"area"`     // what tells it, the key of one of [Areas]
	Severity string `json:"severity"` // the one it has as a rule: error or warning; doctor's are fail, warn and ok
	Cause    string `json:"cause"`
	Example  string `json:"example"`
	Remedy   string `json:"remedy"`
}

// Area is what tells a code.
type Area struct{ Key, Title, About string }

// Areas are all areas, in the order of docs/problems.md.
func Areas() []Area {
	return []Area{
		{"reading", "Records that cannot be read", "Told by check, import and inspect. Such a record is rejected, with its text, into the --rejects file; the records around it are not affected."},
		{"mail", "Mails that are not as they should be", "The words of the warning \"reading it\". Nothing is rejected for them, and what could not be read as it was meant is kept beside the rest."},
		{"mapping", "Values, times and tickets", "Told by check, import and explain. An error rejects the record, a warning loses something and the record goes on."},
		{"export", "What meets over the whole export", "Told by check and import, when all records have been read."},
		{"files", "Files", "Told by rescue, import and retry. A line of text stands in the message for a file that cannot be had."},
		{"account", "What the account has no place for", "Told by import and doctor. Nothing is lost: the value is kept in meta."},
		{"run", "Tickets that are not done", "Told by import and retry. Nothing of them is repeated while its fate is unknown."},
		{"sync", "What a sync leaves as it is", "Told by sync. Nothing of it is held: the sync goes on, and says so each time it meets it anew."},
		{"verify", "What verify finds", "A value in the account that is not as it was sent."},
		{"doctor", "What doctor looks at", "Findings before an import; each is told as ok where nothing is to be done."},
		{"inspect", "What inspect doubts", "Signs in an export of something that is not whole, or not what it seems. They stop nothing."},
		{"lint", "What mapping check advises", "A mapping that loads, and is likely meant otherwise. An error means that no message of that rule can be imported."},
	}
}

// Lookup returns the entry of a code; false for none.
func Lookup(code string) (Entry, bool) {
	all := All()
	i := slices.IndexFunc(all, func(e Entry) bool { return e.Code == code })
	if i < 0 {
		return Entry{}, false
	}
	return all[i], true
}

// Near are the codes that a misspelled one may stand for: the most alike, else those that begin with the same word.
func Near(code string) []string {
	code = strings.ToLower(strings.TrimSpace(code))
	first, _, _ := strings.Cut(code, ".")
	var names, family []string
	for _, e := range All() {
		names = append(names, e.Code)
		if first != "" && (e.Code == first || strings.HasPrefix(e.Code, first+".")) {
			family = append(family, e.Code)
		}
	}
	if near := mapping.Nearest(code, names); near != "" {
		return []string{near}
	}
	return family
}

// All returns every entry, by code.
func All() []Entry {
	all := mapped()
	for _, table := range [][]Entry{readingTable, mailTable, exportTable, filesTable, accountTable, runTable, syncTable, verifyTable, doctorTable, inspectTable, lintTable} {
		all = append(all, table...)
	}
	slices.SortFunc(all, func(a, b Entry) int { return cmp.Compare(a.Code, b.Code) })
	return all
}

// mapped are the entries of [mapping.Codes].
func mapped() []Entry {
	codes := mapping.Codes()
	all := make([]Entry, len(codes))
	for i, c := range codes {
		all[i] = Entry{c.Name, "mapping", c.Severity.String(), c.Cause, c.Example, c.Remedy}
	}
	return all
}

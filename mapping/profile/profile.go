// Package profile says what is in an export: its fields with their types, fill and values, which of them look like a
// ticket's id, an author or a sent time, what its times leave open, what seems to be missing, and which preset fits.
//
// It reads a source once, in bounded memory, and judges nothing by the name of a file alone. It prints nothing, and it
// decides nothing: what is found is evidence, best first, with the reason beside it. The same input gives the same
// profile, on any number of cores.
package profile

import "time"

// Options bound a reading. The zero value reads everything.
type Options struct {
	Records int64               // of each file and place only the first so many; 0 reads all
	Lanes   int                 // cores used; 0: all
	Presets []string            // names of the presets that may fit; nil: all that come with deskferry
	Now     time.Time           // for trying presets; zero is the time of the call
	Seen    func(records int64) // called from one goroutine, often; nil: nobody looks
}

// The bounds of a profile. What they leave out is counted, not lost in silence.
const (
	MaxFields   = 2000 // fields told apart in a shape
	MaxDistinct = 1000 // distinct values of a field counted one by one; above that their number is an estimate
	MaxValues   = 100  // values of a small set
	MaxExamples = 5
	MaxExample  = 120 // bytes of an example
	MaxShapes   = 200 // places of all files
)

// Profile is what was found in an export.
type Profile struct {
	Files []File `json:"files"` // in reading order; files alike in all but name and records are one
	Fits  []Fit  `json:"fits"`  // best first; none where no preset fits
	// Refusal is why it cannot be imported as it is, and what to ask for: a damaged export with the first bad record, one
	// without messages, one of a product that is not read. "" for others.
	Refusal string   `json:"refusal,omitempty"`
	Advice  []string `json:"advice,omitempty"` // of an export that is known and has no preset: which other one the old helpdesk gives
}

// File is a file, or files that are alike: pages of an answer, one file a ticket.
type File struct {
	Name      string  `json:"name"`                 // of the first, as in origins
	Glob      string  `json:"glob"`                 // what `files:` of a mapping's input takes: the base name, with * where several differ
	Count     int     `json:"count"`                // files it stands for, at least 1
	Format    string  `json:"format"`               // "csv", "json", "xml", "mail"
	Lines     bool    `json:"lines,omitempty"`      // JSON: a value a line, or one after another
	Encoding  string  `json:"encoding"`             // "utf-8", "windows-1252", …
	Delimiter string  `json:"delimiter,omitempty"`  // of a CSV file: "," ";" "|" or "tab"
	BOM       bool    `json:"bom"`                  // it begins with a byte order mark
	Sure      float64 `json:"sure"`                 // how sure format, encoding and delimiter are, 0 to 1: by how many records can be read that way
	WhyUnsure string  `json:"why_unsure,omitempty"` // where Sure is below 1

	Records     int64 `json:"records"`                // read, bad ones included
	Bad         int64 `json:"bad"`                    // that cannot be read as one
	BadExamples []Bad `json:"bad_examples,omitempty"` // the first
	Partial     bool  `json:"partial,omitempty"`      // Options.Records ended the reading of it: counts are of what was read

	Shapes []Shape  `json:"shapes"`           // one for each place of a document that holds records, in reading order; a CSV file has one
	Beside []Beside `json:"beside,omitempty"` // members of a document that are no records
}

// Bad is a record that cannot be read.
type Bad struct {
	Origin string `json:"origin"` // file:line
	Code   string `json:"code"`   // as in reports: "record.ragged"
	Value  string `json:"value"`  // the start of it
	Say    string `json:"say"`    // what is wrong, and what the user does next
}

// Beside is a member of a document that is no list of records.
type Beside struct {
	Path  string `json:"path"`
	Count int64  `json:"count"`
}

// Kind is what the records of a shape seem to be.
type Kind string

// The kinds of records. Conversations are tickets that hold their messages.
const (
	Conversations Kind = "conversations"
	Tickets       Kind = "tickets"
	Messages      Kind = "messages"
	People        Kind = "people"
	Other         Kind = "other"
)

// Shape is the records of one place.
type Shape struct {
	Place   string  `json:"place"` // the path inside the document, as `path:` of a mapping's input takes it; "" at the root, and for CSV
	Kind    Kind    `json:"kind"`
	WhyKind string  `json:"why_kind"`
	Records int64   `json:"records"`
	Blank   int64   `json:"blank,omitempty"`   // of them wholly blank: rows of commas
	Fields  []Field `json:"fields"`            // in reading order
	Dropped int     `json:"dropped,omitempty"` // fields beyond MaxFields, which are not described

	Candidates map[Role][]Candidate `json:"candidates"` // best first

	// Messages is the list inside each record that holds its messages ("comments", "conversation_parts.conversation_parts"),
	// as `each:` of a mapping takes it; "" where a record is one message, or holds none.
	Messages string `json:"messages,omitempty"`

	First      time.Time  `json:"first,omitzero"` // of the best sent or created time; zero without one. In UTC; times without a zone are read as if in UTC
	Last       time.Time  `json:"last,omitzero"`
	Duplicates Duplicates `json:"duplicates"`
	Signs      []Sign     `json:"signs,omitempty"`
	Texts      int64      `json:"texts"` // records with any text of a message in them
}

// Field finds a field by its path, nil where there is none.
func (s *Shape) Field(path string) *Field {
	for i := range s.Fields {
		if s.Fields[i].Path == path {
			return &s.Fields[i]
		}
	}
	return nil
}

// Best is the path of the best candidate for a role, "" where there is none.
func (s *Shape) Best(r Role) string {
	if c := s.Candidates[r]; len(c) > 0 {
		return c[0].Path
	}
	return ""
}

// Type is what the values of a field have in common.
type Type string

// The types of a field. Mixed is the type of a field with two or more of them in a good share of its values.
const (
	Empty     Type = "empty" // it never holds anything
	Text      Type = "text"
	Integer   Type = "integer"
	Decimal   Type = "decimal"
	Boolean   Type = "boolean"
	Time      Type = "time"
	Email     Type = "email"
	Addresses Type = "addresses" // several, or with names
	HTML      Type = "html"
	URL       Type = "url"
	List      Type = "list" // a document's list, or a cell like ["a","b"]
	Object    Type = "object"
	Mixed     Type = "mixed"
)

// Field is a column, or a path in the documents of a shape. Lists are passed through: comments[].author_id has a value for
// each comment. Of a list of plain values the field is the list (tags), and its values are the items.
type Field struct {
	Path  string  `json:"path"`           // as a mapping writes it: a column's name (Tag#2, #1 where it has none), or a.b, comments[].author_id
	List  string  `json:"list,omitempty"` // the path of the innermost list it lies in ("comments"), "" outside of lists
	Type  Type    `json:"type"`
	Types []Count `json:"types,omitempty"` // values by type, most first; for Mixed

	Filled  int64 `json:"filled"`  // values that say something
	Empty   int64 `json:"empty"`   // "" or blanks, [] and {}
	Null    int64 `json:"null"`    // a document's null, or one of the words NULL, N/A, None, … in a column that holds other values too
	Missing int64 `json:"missing"` // records, or items of List, without the field

	Distinct       int64   `json:"distinct"`         // different values; an estimate where DistinctCapped
	DistinctCapped bool    `json:"distinct_capped"`  // more than MaxDistinct
	Repeats        float64 `json:"repeats"`          // how often a value comes on average; 1: each is unique
	Values         []Count `json:"values,omitempty"` // of a field with at most MaxValues different values that are short: all of them, most first; else nil
	// Meanings says of Values what they mean for a message, where at least half of them are known: "inbound" is Incoming,
	// "private note" is Note. Keys are as in Values; a value that is not known is not there. Nil for most fields.
	Meanings   map[string]Meaning `json:"meanings,omitempty"`
	Examples   []string           `json:"examples,omitempty"` // the first different ones, clipped to MaxExample bytes
	MinLen     int                `json:"min_length"`         // bytes of the shortest and longest value; of a list its items
	MaxLen     int                `json:"max_length"`
	AverageLen int                `json:"average_length"`      // bytes
	Lines      int64              `json:"lines,omitempty"`     // values of several lines
	MaxItems   int                `json:"max_items,omitempty"` // of the longest list
	Time       *TimeEvidence      `json:"time,omitzero"`       // where at least half of the values are times
	nothings   []string           // words for nothing among its values
	Warnings   []Warning          `json:"warnings,omitempty"`
}

// Count is a value and how often it was met.
type Count struct {
	Value string `json:"value"`
	Count int64  `json:"count"`
}

// TimeEvidence is what the values of a field show of how times are written.
type TimeEvidence struct {
	Layouts  []string `json:"layouts"`           // as `layout:` takes them, the most frequent first; both readings where DayMonth is ambiguous
	Auto     bool     `json:"auto"`              // they need no layout: the default reads them all
	Zone     string   `json:"zone"`              // "offset", "Z", "epoch", "abbreviation", "none" or "mixed"
	Offsets  []string `json:"offsets,omitempty"` // the offsets met ("+02:00"), sorted, at most 10
	DayMonth string   `json:"day_month"`         // "iso" (year first, month names or numbers: no doubt), "day-first", "month-first", "ambiguous", "contradictory"
	Example  string   `json:"example,omitempty"` // a value that shows DayMonth, or that leaves it open

	DayFirst   string `json:"day_first,omitempty"` // the two readings of Example, spelled, where it can be both
	MonthFirst string `json:"month_first,omitempty"`

	First       time.Time `json:"first,omitzero"` // in UTC, without a zone as if in UTC; day first where that is open
	Last        time.Time `json:"last,omitzero"`
	Count       int64     `json:"count"`                  // values that are times
	Unread      int64     `json:"unread,omitempty"`       // values that are not
	UnreadValue string    `json:"unread_value,omitempty"` // the first of these
	DatesOnly   int64     `json:"dates_only,omitempty"`   // times without a clock
}

// Warning is something in a field's values that will need attention.
type Warning struct {
	Code    string `json:"code"`  // one of the Warn constants
	Count   int64  `json:"count"` // values concerned
	Example string `json:"example,omitempty"`
	Say     string `json:"say"` // what it is, and what the user does
}

// The codes of warnings.
const (
	WarnExponent = "id.exponent"   // 1.23E+15: a spreadsheet rounded an id
	WarnDecimal  = "id.decimal"    // 3.0 among whole numbers
	WarnNewline  = "text.newline"  // a backslash and an n for a line break
	WarnEntity   = "text.entity"   // &amp; in plain text
	WarnFormula  = "text.formula"  // a cell that begins like a formula, or is guarded against that
	WarnMojibake = "text.mojibake" // Ã¼ for ü: read in the wrong encoding before it was written
	WarnReplaced = "text.replaced" // U+FFFD: characters lost before the export
	WarnCut      = "text.cut"      // many values of exactly the same great length
	WarnNull     = "value.null"    // words for nothing: NULL, N/A
	WarnZeroDate = "time.zero"     // 0000-00-00
	WarnHeading  = "heading"       // a column without a heading, or one of several alike
)

// Duplicates are records that come again. Above a million records both are estimates.
type Duplicates struct {
	IDField string `json:"id_field,omitempty"` // the field that was looked at: the best candidate for the records' own id
	IDs     int64  `json:"ids"`                // records whose id an earlier one had
	Records int64  `json:"records"`            // records that are equal to an earlier one in all fields
	Example string `json:"example,omitempty"`  // such an id
	Sampled bool   `json:"sampled"`            // the numbers are estimates
}

// Sign is a sign that something is not whole, or not what it seems.
type Sign struct {
	Code  string `json:"code"`            // one of the Sign constants
	Field string `json:"field,omitempty"` // "" for the whole shape
	Count int64  `json:"count"`           // how often
	Say   string `json:"say"`             // what was seen, and what the user does
}

// The codes of signs.
const (
	SignRoundCount = "cut.records" // exactly 100, 500, 1,000, 10,000, 30,000 records
	SignListFull   = "cut.list"    // lists of exactly 10, 100 or 500 items, and none longer
	SignTotal      = "cut.total"   // a total is larger than what is there
	SignTruncated  = "cut.status"  // truncationStatus and the like say so
	SignNoTexts    = "texts.none"  // not a single text of a message
	SignNoID       = "id.none"     // messages without an id of their own
	SignNoHeader   = "header.none" // the first row of a CSV file looks like data
	SignDayMonth   = "time.order"  // day and month cannot be told apart
	SignZone       = "time.zone"   // times name no zone
	SignDuplicates = "duplicates"  // ids or records come again
	SignBad        = "records.bad" // records that cannot be read
	SignFields     = "fields.many" // more fields than are described
	SignBeside     = "beside"      // lists in the document that are no records
)

// Candidate is a field that may have a role.
type Candidate struct {
	Path  string  `json:"path"`
	Score float64 `json:"score"` // 0 to 1; above 0.5 the heading or the content speaks for it without a doubt worth asking about
	Why   string  `json:"why"`   // "the heading, 1,204 different values, each unique"
}

// Fit is a preset that knows this export.
type Fit struct {
	Preset  string   `json:"preset"`            // as --mapping takes it
	Title   string   `json:"title"`             // "Zendesk"
	Score   float64  `json:"score"`             // 0 to 1
	Why     string   `json:"why"`               // "records hold comments.author_id and comments.public; 14 of 15 sampled records are mapped"
	Missing []string `json:"missing,omitempty"` // what the preset reads and the export has not, at most 10
	Files   []string `json:"files"`             // the globs of the files it was recognised in
}

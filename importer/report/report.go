package report

import (
	"time"

	"github.com/deskferry/deskferry/importer"
)

// Report is everything that is told of one run of a command. Its JSON form is that of --json: stable, fields are added and
// never renamed; docs/report.schema.json describes it.
type Report struct {
	*importer.Summary // nil where nothing was mapped: a verify, an undo

	Command string    `json:"command"` // check, import, sync, retry, verify, undo, demo
	Program string    `json:"program"` // version of deskferry
	Started time.Time `json:"started"`
	Ended   time.Time `json:"ended,omitzero"` // zero: it runs
	Note    string    `json:"note,omitzero"`  // why it ended early
	Inputs  []Input   `json:"inputs"`
	Mapping Mapping   `json:"mapping"`
	Target  string    `json:"target,omitzero"`
	Ledger  string    `json:"ledger,omitzero"`

	Running      *Running               `json:"running,omitzero"`     // how far it is, while it runs
	NothingNew   bool                   `json:"nothing_new,omitzero"` // of a sync: the source holds what it held, and was not read; the sums are those of before
	Verification *importer.Verification `json:"verification,omitzero"`
	Undo         *importer.UndoSums     `json:"undo,omitzero"`
	Previews     []importer.Preview     `json:"-"` // bodies: for the page alone
}

// Input is a file that was read.
type Input struct {
	Name  string `json:"name"`
	Bytes int64  `json:"bytes"` // as it is stored, compressed where it is; 0 where that is not known
}

// Mapping is the mapping that was used.
type Mapping struct {
	Name string `json:"name"`
	Hash string `json:"hash"`
	Text string `json:"-"` // as mapping show prints it
}

// Running is how far a run is.
type Running struct {
	Phase string    `json:"phase"` // as "reading", "importing"
	Done  int64     `json:"done"`
	Total int64     `json:"total"` // 0: not known
	Unit  string    `json:"unit"`  // of both, as "tickets"
	AsOf  time.Time `json:"as_of"`
}

// Dry tells whether the command only looks: what is pending would be imported, and nothing is sent.
func (r *Report) Dry() bool { return r.Command == "check" }

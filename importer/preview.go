package importer

import "github.com/deskferry/deskferry/mapping"

// Preview is a ticket as the target will show it, beside the records it came from. Its memory is bounded: see the limits of
// [Job.Previews].
type Preview struct {
	Pick
	Work *Work // its messages are the first in sending order; what is not shown of a message (headers, meta, data of files) is empty
	Left int   // messages that were cut off
	// Cut has an entry for each message of Work: its bodies are only the beginning, or left out.
	Cut     []bool
	State   mapping.TicketState
	Records []PreviewRecord // of the ticket itself, then of its messages in their order, then of those that could not be read; each once
	Further int             // records of the ticket that are not in Records
	// Problems of the ticket's own records.
	Problems []mapping.Problem
}

// PreviewRecord is a record of the source as it was read.
type PreviewRecord struct {
	Origin string // "tickets.csv:812"
	Text   string // the record, readable: a row as lines of "column: value", a document as JSON with line ends
	Cut    bool   // Text is only its beginning
}

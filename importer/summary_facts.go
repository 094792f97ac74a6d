package importer

// StatusSum counts tickets by the source's word for their status and the target's.
type StatusSum struct {
	From    string `json:"from"` // as the source writes it; "" when it says nothing
	To      string `json:"to"`   // "" where it cannot be told yet: the ticket is held
	Tickets int64  `json:"tickets"`
}

// HourSum counts the messages of an hour of the day, 0 to 23: night work of a whole team shows a wrong zone.
type HourSum struct {
	Hour     int   `json:"hour"`
	Incoming int64 `json:"incoming"`
	Outgoing int64 `json:"outgoing"`
	Internal int64 `json:"internal"`
}

// LengthSum counts the tickets that have From to To messages; To zero: From and more.
type LengthSum struct {
	From    int64 `json:"from"`
	To      int64 `json:"to"`
	Tickets int64 `json:"tickets"`
}

// AttachmentSums count the files of messages that may be imported, as the export tells of them.
type AttachmentSums struct {
	Files   int64     `json:"files"`
	Bytes   int64     `json:"bytes"`   // of those whose size is told
	Unsized int64     `json:"unsized"` // those whose size is not
	Sizes   []SizeSum `json:"sizes"`

	Distinct      int64 `json:"distinct"`       // by URL, or by content of those that the export holds
	DistinctBytes int64 `json:"distinct_bytes"` // of those whose size is told
	Carried       int64 `json:"carried"`        // of the distinct ones, those that the export holds: they are uploaded in any case
	CarriedBytes  int64 `json:"carried_bytes"`
}

// SizeSum counts the files of From to less than To bytes; To zero: From and more.
type SizeSum struct {
	From  int64 `json:"from"`
	To    int64 `json:"to"`
	Files int64 `json:"files"`
}

// KeptSum is a source field that the mapping reads, and the target field it goes to.
type KeptSum struct {
	Input string `json:"input"`
	Path  string `json:"path"`
	To    string `json:"to"` // as "ticket.subject", "message.body_html"; several are separated by ", "
	Count int64  `json:"count"`
}

// ChangedSum counts the values of a target field that are not as they were, by the problem code that tells why.
type ChangedSum struct {
	Field string `json:"field"`
	Code  string `json:"code"`
	Count int64  `json:"count"`
}

// Pick is a ticket chosen for the preview because it is likely to show what went wrong.
type Pick struct {
	Ticket string   `json:"ticket"` // its id in the source
	Why    []string `json:"why"`    // as "longest", "right-to-left", "channel chat"
}

package omnidesk

// Quirks are the ways in which an account may differ from the plain reading of the documentation. Where the documentation
// is silent, the zero value is the guess that the sheet calls likely.
type Quirks struct {
	Sort  Sort  // of ticket lists
	Shift Shift // what happens to the tickets between two list reads
	// ShiftTimes is how often it happens; 0: after every list read that leaves rows unread.
	ShiftTimes int

	Envelope     Envelope
	MixedIDs     bool // every other id that is a number is answered as a string, and the reverse
	Nulls        bool // null in place of empty strings and of 0
	TextTotals   bool // itemStart, itemTotal and itemLimit as strings
	NoTimeline   bool // an item's timeline is null
	EventsAlways bool // events are in the timeline without getTicketHistory=true
	ClampLimit   bool // an itemLimit over the maximum is taken as the maximum instead of being refused
	CountPages   bool // itemStart is the number of a page, not of a row
	KeyInQuery   bool // the key is taken from the address too, as an older guide has it
	ArchivedOnly bool // searchArchived=yes lists archived tickets alone, not both kinds
	ResultBody   bool // a POST answers {"type":"result",…} instead of nothing
}

// Sort is an order of ticket lists. The documentation names none.
type Sort string

// The orders. "" is UpdatedLast.
const (
	UpdatedLast  Sort = "updated-desc" // the ticket that changed last comes first
	UpdatedFirst Sort = "updated-asc"
	CreatedLast  Sort = "created-desc"
	CreatedFirst Sort = "created-asc"
	IDLast       Sort = "id-desc"
	IDFirst      Sort = "id-asc"
	Shuffled     Sort = "shuffled" // no order that means anything, but always the same
)

// Shift is how rows move while somebody pages through them.
type Shift string

// The ways. "" is none.
const (
	ShiftNew     Shift = "new"     // a ticket comes in: rows move on, and the seam comes twice
	ShiftTouch   Shift = "touch"   // the last ticket of the list is changed: sorted by change it jumps over what was read
	ShiftArchive Shift = "archive" // a ticket of the page just read is archived: rows move up, and one is skipped at the seam
)

// Envelope is how answers are wrapped.
type Envelope string

// The envelopes. "" is the documented one.
const (
	Bare    Envelope = "bare"    // a list is an array, an item the object alone
	Russian Envelope = "russian" // as the other Omnidesk answers: {"0":{"case":{…}},"total_count":n}
)

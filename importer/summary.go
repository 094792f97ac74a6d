package importer

import (
	"fmt"
	"slices"
)

// SummaryVersion is the version of the summary's JSON form. Fields are added to it, never renamed.
const SummaryVersion = 1

// Summary is the account of a check or an import. Its JSON form is stable.
type Summary struct {
	Version    int          `json:"version"`
	Records    RecordSums   `json:"records"`
	Tickets    TicketSums   `json:"tickets"`
	Messages   MessageSums  `json:"messages"`
	Problems   []ProblemSum `json:"problems"`
	Requests   RequestSums  `json:"requests"`
	SendSafety SendSafety   `json:"send_safety"`

	Skipped  []SkipSum    `json:"skipped"`        // why, for records, tickets and messages
	Fields   []FieldSum   `json:"fields"`         // read, but without a place in the target
	People   PeopleSums   `json:"people"`         // of tickets that may be imported
	Span     Span         `json:"span"`           // of sent times that may be imported
	Months   []MonthSum   `json:"months"`         // messages that may be imported, by month sent, UTC
	Channels []ChannelSum `json:"channels"`       // … by channel
	Differs  int64        `json:"differs"`        // messages already imported whose content was edited since: reported, not changed
	Removed  int64        `json:"removed"`        // messages planned or imported before that the export no longer holds: left as they are
	Sync     *SyncSums    `json:"sync,omitempty"` // of a sync only

	Statuses    []StatusSum    `json:"statuses"` // of tickets that may be imported
	Timezone    string         `json:"timezone"` // the IANA zone Hours are counted in: the mapping's, else UTC
	Hours       []HourSum      `json:"hours"`    // messages that may be imported, by hour of the day sent: all 24, or none
	Lengths     []LengthSum    `json:"lengths"`  // tickets that may be imported, by how many messages they have
	Attachments AttachmentSums `json:"attachments"`
	Kept        []KeptSum      `json:"kept"`    // source fields that have a place in the target
	Changed     []ChangedSum   `json:"changed"` // target fields whose values did not arrive as they were
	Picks       []Pick         `json:"picks"`   // tickets worth looking at, for the preview

	staged Tally // what of the sums is the ledger's
	shown  int64 // messages in the target that are counted as rejected here, for that is what the export's are now
}

// RecordSums count records: each is read and then one of the others.
type RecordSums struct {
	Read     int64 `json:"read"`
	Mapped   int64 `json:"mapped"`
	Skipped  int64 `json:"skipped"`
	Rejected int64 `json:"rejected"`
}

// TicketSums count tickets. After a check, what would be imported is pending.
type TicketSums struct {
	Total    int64 `json:"total"`
	Imported int64 `json:"imported"`
	Present  int64 `json:"present"`
	Skipped  int64 `json:"skipped"`
	Rejected int64 `json:"rejected"`
	Held     int64 `json:"held"`
	InDoubt  int64 `json:"in_doubt"`
	Pending  int64 `json:"pending"`
}

// MessageSums count messages. Incoming, outgoing and internal are directions of those that may be imported; the
// direction of others is not known. Repeated are identical copies in the export.
type MessageSums struct {
	Total    int64 `json:"total"`
	Incoming int64 `json:"incoming"`
	Outgoing int64 `json:"outgoing"`
	Internal int64 `json:"internal"`
	Imported int64 `json:"imported"`
	Present  int64 `json:"present"`
	Repeated int64 `json:"repeated"`
	Skipped  int64 `json:"skipped"`
	Rejected int64 `json:"rejected"`
	Held     int64 `json:"held"`
	InDoubt  int64 `json:"in_doubt"`
	Pending  int64 `json:"pending"`
}

// RequestSums is what the import costs. Planned = Creates + Appends + Updates + Lookups + Probes + Uploads.
type RequestSums struct {
	Planned      int64   `json:"planned"`
	Made         int64   `json:"made"`
	HoursAtQuota float64 `json:"hours_at_quota"` // of the planned requests
	Creates      int64   `json:"creates"`
	Appends      int64   `json:"appends"`
	Lookups      int64   `json:"lookups"`          // the account, its users and integrations, 20 tickets before the first write, one for each customer: an upper bound
	Probes       int64   `json:"probes"`           // 1 % of the creates are looked up to measure the target's lag
	Updates      int64   `json:"updates,omitzero"` // of a sync: tickets whose fields changed in the source, a write each

	// Uploads are the files that are fetched and uploaded, each once, and UploadBytes those whose size the export tells: an
	// upper bound, as what an earlier run has uploaded is not uploaded again. Images in texts are not counted.
	Uploads     int64 `json:"uploads"`
	UploadBytes int64 `json:"upload_bytes"`
	// Billable are the tickets to be created in which an agent has answered. Gorgias bills for those; whether it does so for
	// imported answers is not known (api/gorgias section 9).
	Billable int64 `json:"billable"`
}

// SendSafety is the proof that nothing is mailed: a message without a sent time could be (api/gorgias, fact 1).
type SendSafety struct {
	Messages         int64 `json:"messages"`
	WithSentDatetime int64 `json:"with_sent_datetime"`
	Sendable         int64 `json:"sendable"`
}

// SkipSum counts what was left out for one reason. Kind is "record", "ticket" or "message".
type SkipSum struct {
	Kind   string `json:"kind"`
	Reason string `json:"reason"`
	Count  int64  `json:"count"`
}

// FieldSum is a source field that was read and has no place in the target.
type FieldSum struct {
	Input   string `json:"input"`
	Path    string `json:"path"`
	Count   int64  `json:"count"`
	Example string `json:"example"`
}

// PeopleSums count people. What only the account can tell is zero until it was asked, at the begin of an import; Asked
// says that it was.
type PeopleSums struct {
	Customers    int64 `json:"customers"`    // distinct e-mails
	Placeholders int64 `json:"placeholders"` // of them, those whose e-mail people.no_email made up
	Agents       int64 `json:"agents"`       // who wrote or were assigned, by e-mail, else by the source's id or name
	Nameless     int64 `json:"nameless"`     // of them, those without an e-mail: no user can be found for them
	Unknown      int64 `json:"unknown"`      // authors of whom nothing tells whether they are agents: at most 1,000 are told apart
	Undecided    int64 `json:"undecided"`    // messages by them, or by nobody

	Asked    bool  `json:"asked"`    // the account was
	Matched  int64 `json:"matched"`  // agents who are users of the account
	Fallback int64 `json:"fallback"` // agents who are not: the fallback agent stands in for them
	Known    int64 `json:"known"`    // customers the account had before this run

	Staff []StaffSum `json:"staff"` // the agents with the most tickets, at most 1,000
}

// StaffSum is an agent. One without an e-mail has the source's id or name.
type StaffSum struct {
	Email   string `json:"email"`
	ID      string `json:"id"`
	Name    string `json:"name"`
	Tickets int64  `json:"tickets"`
	User    bool   `json:"user"` // the account has such a user; see PeopleSums.Asked
}

// Span is the time between the first and the last message, RFC 3339 UTC; "" when there is none.
type Span struct {
	First string `json:"first"`
	Last  string `json:"last"`
}

// MonthSum counts the messages of a month, "2024-02".
type MonthSum struct {
	Month    string `json:"month"`
	Incoming int64  `json:"incoming"`
	Outgoing int64  `json:"outgoing"`
	Internal int64  `json:"internal"`
}

// ChannelSum counts the messages of a channel.
type ChannelSum struct {
	Channel  string `json:"channel"`
	Messages int64  `json:"messages"`
}

// Balance returns an error when the sums do not add up: something was lost or counted twice.
func (s *Summary) Balance() error {
	r, t, m := s.Records, s.Tickets, s.Messages
	for _, c := range []struct {
		what          string
		whole, states int64
	}{
		{"records", r.Read, r.Mapped + r.Skipped + r.Rejected},
		{"tickets", t.Total, t.Imported + t.Present + t.Skipped + t.Rejected + t.Held + t.InDoubt + t.Pending},
		{"messages", m.Total, m.Imported + m.Present + m.Repeated + m.Skipped + m.Rejected + m.Held + m.InDoubt + m.Pending},
		{"send safety", s.SendSafety.Messages, s.SendSafety.WithSentDatetime + s.SendSafety.Sendable},
	} {
		if c.whole != c.states {
			return fmt.Errorf("the sums do not balance: %s are %d, their states add up to %d", c.what, c.whole, c.states)
		}
	}
	return nil
}

// Settle puts what has become of the planned tickets and messages in the place of what was known of them before. A
// tally of other tickets than those planned unbalances the sums. Messages that the ledger knows of these tickets and the
// export no longer holds are counted in Removed and in the total.
func (s *Summary) Settle(t Tally) {
	t.Messages.Present -= s.shown
	s.count(s.staged, -1)
	s.count(t, 1)
	s.Messages.Total -= s.Removed
	s.Removed = max(0, s.Removed+t.Messages.Total()-s.staged.Messages.Total())
	s.Messages.Total += s.Removed
	s.staged = t
}

// Stand takes what the ledger knows of tickets whose export is not read again: a retry's. Settle tells later what became
// of them.
func (s *Summary) Stand(t Tally) {
	s.Tickets.Total, s.Messages.Total = t.Tickets.Total(), t.Messages.Total()
	s.count(t, 1)
	s.staged = t
}

func (s *Summary) count(t Tally, sign int64) {
	s.leave(&t, sign)
	k, c := &s.Tickets, t.Tickets
	k.Imported += sign * c.Imported
	k.Present += sign * c.Present
	k.Rejected += sign * c.Rejected
	k.Held += sign * c.Held
	k.InDoubt += sign * c.InDoubt
	k.Pending += sign * c.Pending
	m, c := &s.Messages, t.Messages
	m.Imported += sign * c.Imported
	m.Present += sign * c.Present
	m.Rejected += sign * c.Rejected
	m.Held += sign * c.Held
	m.InDoubt += sign * c.InDoubt
	m.Pending += sign * c.Pending
}

// leave accounts for what stays as it is, as a person has said: it needs nobody. What was taken back is held for an import, which
// may bring it again; a sync lets it rest.
func (s *Summary) leave(t *Tally, sign int64) {
	rest := func(why string, tickets, messages int64) {
		s.Tickets.Skipped += sign * tickets
		s.Messages.Skipped += sign * messages
		s.skip("ticket", why, sign*tickets)
		s.skip("message", why, sign*messages)
	}
	rest("settled: it stays as it is", t.Tickets.Settled, t.Messages.Settled)
	if s.Sync != nil {
		rest("taken back by an undo", t.Tickets.Undone, t.Messages.Undone)
		return
	}
	t.Tickets.Held += t.Tickets.Undone
	t.Messages.Held += t.Messages.Undone
}

// skip adds to what was left out for a reason.
func (s *Summary) skip(kind, why string, n int64) {
	if n == 0 {
		return
	}
	s.Skipped = slices.Clone(s.Skipped) // an account as it stands may share them
	i := slices.IndexFunc(s.Skipped, func(x SkipSum) bool { return x.Kind == kind && x.Reason == why })
	if i < 0 {
		s.Skipped = append(s.Skipped, SkipSum{kind, why, n})
		return
	}
	if s.Skipped[i].Count += n; s.Skipped[i].Count == 0 {
		s.Skipped = slices.Delete(s.Skipped, i, i+1)
	}
}

// DefaultQuota is the requests a second an account with an API key has (api/gorgias, fact 6).
const DefaultQuota = 2

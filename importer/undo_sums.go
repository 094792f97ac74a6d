package importer

import "time"

// UndoSums is the account of an undo. Its JSON form is stable: fields are added, never renamed.
type UndoSums struct {
	Version    int       `json:"version"`
	Run        int64     `json:"run"`      // that was taken back
	RunKind    string    `json:"run_kind"` // what it was, as import or sync
	RunSource  string    `json:"run_source"`
	RunStarted time.Time `json:"run_started"`
	DryRun     bool      `json:"dry_run"` // nothing was done: the numbers are what would be
	Trash      bool      `json:"trash"`   // put into the trash instead of deleted

	Tickets     int64        `json:"tickets"`       // taken out whole
	Messages    int64        `json:"messages"`      // single messages, taken out of tickets of earlier runs
	Within      int64        `json:"messages_from"` // how many tickets these were in
	Left        UndoLeft     `json:"left"`
	LeftTickets []UndoResult `json:"left_tickets"` // each of them
}

// UndoLeft counts the tickets that an undo leaves, by the reason.
type UndoLeft struct {
	Touched  int64 `json:"touched,omitzero"`
	Adopted  int64 `json:"adopted,omitzero"`
	InDoubt  int64 `json:"in-doubt,omitzero"`
	LaterRun int64 `json:"later,omitzero"`
	Merged   int64 `json:"merged,omitzero"`
	Gone     int64 `json:"gone,omitzero"`
	Refused  int64 `json:"refused,omitzero"`
	NoTrash  int64 `json:"no-trash,omitzero"`
}

// LeftReasons are the reasons an undo leaves a ticket for, in the order they are told.
func LeftReasons() []string {
	return []string{LeftTouched, LeftAdopted, LeftInDoubt, LeftLaterRun, LeftMerged, LeftGone, LeftRefused, LeftNoTrash}
}

// Of is the count of one of [LeftReasons]; nil for another word.
func (l *UndoLeft) Of(reason string) *int64 {
	return map[string]*int64{
		LeftTouched: &l.Touched, LeftAdopted: &l.Adopted, LeftInDoubt: &l.InDoubt, LeftLaterRun: &l.LaterRun,
		LeftMerged: &l.Merged, LeftGone: &l.Gone, LeftRefused: &l.Refused, LeftNoTrash: &l.NoTrash,
	}[reason]
}

// Take adds what became of a ticket.
func (s *UndoSums) Take(r UndoResult) {
	switch n := s.Left.Of(r.Reason); {
	case r.Reason != "":
		if n != nil {
			*n++
		}
		s.LeftTickets = append(s.LeftTickets, r)
	case r.Whole:
		s.Tickets++
	default:
		s.Messages += int64(r.Messages)
		s.Within++
	}
}

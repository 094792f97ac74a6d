package omnidesk

import "slices"

// shift moves the rows, as the quirks say, after a list read that left rows unread. The caller holds the lock for writing.
func (s *Server) shift(page, all []*Ticket) {
	q := s.o.Quirks
	if q.Shift == "" || len(page) == 0 || page[len(page)-1] == all[len(all)-1] || q.ShiftTimes > 0 && s.store.shifted >= q.ShiftTimes {
		return
	}
	s.store.shifted++
	now := s.now()
	switch q.Shift {
	case ShiftNew:
		t := Ticket{ID: s.store.lastTicket + 1, Title: "Kan ik mijn bestelling nog wijzigen?", Status: "new", Priority: "medium",
			Direction: "inbound", BrandID: page[0].BrandID, BrandName: page[0].BrandName, ChannelID: 1, AccountID: "0",
			From: "laatkomer@example.org", FromName: "Lieke Vos", To: page[0].To, Created: now, Updated: now, UpdatedByCustomer: now}
		t.Timeline = []Entry{{Type: TypeMessage, ID: s.store.lastMessage + 1, Created: now, ChannelID: 1, Direction: "inbound",
			From: t.From, FromName: t.FromName, To: t.To, Subject: t.Title, Content: "Ik heb net iets te weinig besteld."}}
		s.store.put(&t)
	case ShiftTouch:
		changed := *all[len(all)-1]
		changed.Updated = now
		if changed.Saved != nil {
			changed.Saved = withStamp(changed.Saved, "last_update", s.views().stamp(now))
		}
		s.store.put(&changed)
	case ShiftArchive:
		changed := *page[0]
		changed.Archived = true
		s.store.put(&changed)
	}
}

// withStamp is a saved item with another value for one of its fields.
func withStamp(saved []byte, name string, value any) []byte {
	o, err := members(saved)
	if err != nil {
		return saved
	}
	i := slices.IndexFunc(o, func(m member) bool { return m.name == name })
	if i < 0 {
		o = append(o, member{})
		i = len(o) - 1
	}
	o[i] = member{name, value}
	return answered(o).body
}

package profile

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// messageRoles are those that are found in the list of messages, where a record has one.
func messageRoles() []Role {
	return []Role{MessageID, Author, AuthorName, AuthorType, Direction, Internal, Public, Body, BodyHTML, SentTime, From, To, Cc, Bcc, Attachments}
}

func personRoles() []Role { return []Role{PersonID, PersonEmail, PersonName, PersonRole} }

// maxCandidates is how many fields are told for a role.
const maxCandidates = 5

// findCandidates tells which fields may have which role, by heading and by content.
func (s *Shape) findCandidates() {
	s.Candidates = map[Role][]Candidate{}
	for _, role := range Roles() {
		if !s.asks(role) {
			continue
		}
		var found []Candidate
		for i := range s.Fields {
			f := &s.Fields[i]
			if f.Type == Object || f.Filled == 0 && f.Empty+f.Null == 0 {
				continue
			}
			if c, ok := s.candidate(f, role); ok {
				found = append(found, c)
			}
		}
		slices.SortStableFunc(found, func(a, b Candidate) int { return cmp.Compare(b.Score, a.Score) })
		if len(found) > maxCandidates {
			found = found[:maxCandidates]
		}
		if len(found) > 0 {
			s.Candidates[role] = found
		}
	}
	if id := s.Candidates[CustomerID]; len(id) > 0 && id[0].Path == s.Best(CustomerName) && s.Field(id[0].Path).Type == Text { // a name stands there, not an id
		s.Candidates[CustomerID] = slices.Delete(id, 0, 1)
	}
	s.byContent()
}

// asks tells whether records of this kind can have a role at all.
func (s *Shape) asks(role Role) bool {
	switch {
	case slices.Contains(personRoles(), role):
		return s.Kind == People
	case s.Kind == People:
		return role == UpdatedTime || role == CreatedTime
	}
	return true
}

// candidate judges one field for one role.
func (s *Shape) candidate(f *Field, role Role) (Candidate, bool) {
	list := ""
	if s.Messages != "" && slices.Contains(messageRoles(), role) {
		list = s.Messages
	}
	inside := f.List == list || strings.HasPrefix(f.List, list+"[]") && (role == Attachments || role == To || role == Cc || role == Bcc)
	if !inside && !(list == "" && role == Tags) {
		return Candidate{}, false
	}
	told, tells := s.byMeaning(f, role)
	name := roleName(f.Path, list)
	weight, why := contentWeight(f, plainName(name), role)
	if weight == 0 || !fits(f, role) {
		return told, tells
	}
	score, more := 0.0, "it never holds anything"
	if f.Type != Empty && f.Filled > 0 {
		score, more = s.content(f, role)
	} else {
		weight /= 2
	}
	if more != "" {
		why += ", " + more
	}
	c := Candidate{Path: f.Path, Score: round2(0.6*weight + 0.4*score), Why: why}
	if tells {
		c.Score, c.Why = max(c.Score, told.Score), c.Why+"; "+told.Why
	}
	if plainName(name) == "id" {
		c.Score = round2(c.Score + s.ownID(role))
	}
	return c, c.Score > 0.1
}

// ownID settles whose id a field that is just called id is.
func (s *Shape) ownID(role Role) float64 {
	own := map[Kind]Role{Messages: MessageID, Tickets: TicketID, Conversations: TicketID, People: PersonID}[s.Kind]
	switch {
	case role == own, s.Kind == Conversations && role == MessageID, s.Kind == Other && role == TicketID:
		return 0.3
	}
	return -0.5
}

// nameWeight is how much a heading speaks for a role.
func nameWeight(plain string, role Role) (float64, string) {
	for _, u := range aliases()[plain] {
		if u.role == role {
			if u.weak() {
				return u.weight, "the heading may mean it"
			}
			return u.weight, "the heading"
		}
	}
	return 0, ""
}

// contentWeight is nameWeight where the content decides between roles of one heading: addresses under Customer are the
// customer's, and those under From or Author name are the author's.
func contentWeight(f *Field, plain string, role Role) (float64, string) {
	weight, why := nameWeight(plain, role)
	if role == Body && plain == "value" && strings.Contains(listNames, " "+plainName(lastName(f.List))+" ") {
		return weakName, "the heading may mean it"
	}
	if f.Type != Email && f.Type != Addresses {
		return weight, why
	}
	var like []Role
	switch role {
	case CustomerEmail:
		like = []Role{CustomerID, CustomerName}
	case Author:
		like = []Role{AuthorName, From}
	}
	for _, r := range like {
		if w, _ := nameWeight(plain, r); w > strongName-lateName-1e-9 && w > weight {
			weight, why = w, "the heading, and it holds addresses"
		}
	}
	return weight, why
}

// fits tells whether what a field holds can be a role at all.
func fits(f *Field, role Role) bool {
	t := f.Type
	if t == Empty {
		return true
	}
	simple := t != List && t != Object && t != HTML && t != URL
	switch role {
	case TicketID, MessageID, PersonID:
		address := t == Email || t == Addresses
		if address && role == MessageID { // what mail calls a message's id looks like an address
			address = plainName(lastName(f.Path)) != "messageid"
		}
		return simple && t != Boolean && !address && f.Time.numbersOnly() && (f.MaxLen <= 255 || role == MessageID) && f.Lines == 0
	case CustomerID:
		return simple && t != Boolean && t != Email && t != Addresses && f.Time == nil && f.MaxLen <= 300 && f.Lines == 0
	case Author, Assignee:
		return simple && t != Boolean && f.Time == nil && f.MaxLen <= 300 && f.Lines == 0 && !f.tellsSide()
	case AuthorName, CustomerName, PersonName:
		return !f.tellsSide() && (t == Text || t == Mixed || t == Integer && f.Distinct > 2 && role == PersonName) && f.MaxLen <= 300 && f.Lines == 0
	case Direction, Internal, Public:
		return t == Boolean || isBit(f) || (t == Text || t == Mixed) && len(f.Values) > 0 && len(f.Values) <= 20 && f.MaxLen <= 40
	case AuthorType, PersonRole:
		return (t == Text || t == Integer || t == Boolean || t == Mixed) && f.MaxLen <= 60 && (f.Distinct <= 50 || f.Repeats > 5)
	case Status, Priority, Channel:
		return simple && t != Email && t != Addresses && f.Time == nil && f.MaxLen <= 100 && !(role == Channel && f.tellsSide()) && (f.Distinct <= MaxValues || f.Repeats > 5)
	case Subject:
		return t != List && t != Object && t != URL && t != Boolean && f.Time == nil
	case Body, BodyHTML:
		return t != List && t != Object && t != URL && t != Boolean && t != Email && f.Time == nil && !(t == Integer || t == Decimal)
	case SentTime, CreatedTime, UpdatedTime, ClosedTime:
		return f.Time != nil
	case CustomerEmail, PersonEmail:
		return t == Email || t == Addresses || t == Mixed || t == List && looksAddress(f)
	case From:
		return t == Email || t == Addresses || t == Mixed && looksAddress(f)
	case To, Cc, Bcc:
		return t == Email || t == Addresses || t == Mixed || t == List || t == Text && looksAddress(f)
	case Tags:
		return t != HTML && f.Time == nil && f.Lines == 0 && t != Email
	case Attachments:
		return t == URL || t == List || t == Text || t == Mixed || t == Integer
	}
	return true
}

func isBit(f *Field) bool {
	return f.Type == Integer && f.Distinct <= 2 && f.MaxLen == 1
}

func looksAddress(f *Field) bool {
	return slices.ContainsFunc(f.Examples, func(s string) bool { return strings.Contains(s, "@") })
}

// numbersOnly tells whether values are no times but by being numbers, as ids can be.
func (t *TimeEvidence) numbersOnly() bool { return t == nil || t.Zone == "epoch" }

// content is how much the values of a field speak for a role, 0 to 1.
func (s *Shape) content(f *Field, role Role) (float64, string) {
	full := float64(f.Filled) / float64(max(1, f.Filled+f.Empty+f.Null+f.Missing))
	values := plural(f.Distinct, "value")
	if f.DistinctCapped {
		values = "about " + values
	}
	if f.MaxItems > 0 && f.Distinct == 0 {
		return full, fmt.Sprintf("lists of up to %s", plural(int64(f.MaxItems), "item"))
	}
	switch role {
	case TicketID:
		switch {
		case s.Kind == Messages && f.Repeats > 1:
			return full, fmt.Sprintf("%s, each %.3g times", values, f.Repeats)
		case s.Kind == Messages:
			return full * 0.7, values
		}
		fallthrough
	case MessageID, PersonID:
		if f.Distinct == 1 && f.Repeats <= 1 {
			return full, values
		}
		if f.Repeats <= 1 {
			return full, values + ", each unique"
		}
		return full / f.Repeats, fmt.Sprintf("%s, each %.3g times", values, f.Repeats)
	case Author, CustomerID, Assignee:
		bonus := 0.0
		if f.Type == Email || f.Type == Addresses || f.Type == Integer {
			bonus = 0.2
		}
		return min(1, 0.8*full+bonus), values
	case Status, Priority, Channel, Direction, Internal, Public, AuthorType, PersonRole:
		return full, values
	case Subject:
		if f.AverageLen > 300 || f.Lines*4 > f.Filled {
			return 0.2 * full, "long texts"
		}
		return full, values
	case Body, BodyHTML:
		return bodyContent(f, role, full)
	case SentTime, CreatedTime, UpdatedTime, ClosedTime:
		share := 1.0
		if f.Time.Unread > 0 {
			share = float64(f.Time.Count) / float64(f.Time.Count+f.Time.Unread)
		}
		return full * share, fmt.Sprintf("times from %s to %s", day(f.Time.First), day(f.Time.Last))
	}
	return full, values
}

func bodyContent(f *Field, role Role, full float64) (float64, string) {
	score := 0.5*full + min(0.5, float64(f.AverageLen)/200)
	why := fmt.Sprintf("texts of %d bytes on average", f.AverageLen)
	if html := f.Type == HTML; html {
		if role == Body {
			score *= 0.7
		}
		why += ", HTML"
	} else if role == BodyHTML {
		score *= 0.5
	}
	if f.Filled > 20 && f.Repeats > 20 { // the same few words again and again
		score *= 0.5
	}
	return score, why
}

// byContent adds candidates for what no heading speaks of: texts, times and addresses.
func (s *Shape) byContent() {
	if s.Kind == People || s.Kind == Other {
		return
	}
	list := s.Messages
	if s.none(Body) && s.none(BodyHTML) {
		s.offer(Body, list, func(f *Field) float64 {
			if f.Type != Text && f.Type != HTML || f.AverageLen < 60 && f.Lines*5 < f.Filled || f.Repeats > 5 || roleTaken(f, list) {
				return 0
			}
			return min(1, float64(f.AverageLen)/300)
		}, "long texts")
	}
	if s.none(SentTime) {
		s.offer(SentTime, list, func(f *Field) float64 {
			if f.Time == nil || strings.Contains(plainName(f.Path), "sync") {
				return 0
			}
			return float64(f.Filled) / float64(max(1, f.Filled+f.Empty+f.Null+f.Missing))
		}, "times")
	}
	if s.none(CustomerEmail) {
		s.offer(CustomerEmail, "", func(f *Field) float64 {
			if f.Type != Email || hasRole(plainName(f.Path), Assignee, To, Cc, Bcc, MessageID, From) {
				return 0
			}
			return 0.8
		}, "addresses")
	}
}

// roleTaken tells whether a heading says that a field is something else.
func roleTaken(f *Field, list string) bool {
	for _, u := range aliases()[plainName(roleName(f.Path, list))] {
		if !u.weak() {
			return true
		}
	}
	return false
}

// none tells whether no field has a role.
func (s *Shape) none(role Role) bool { return len(s.Candidates[role]) == 0 }

func (s *Shape) offer(role Role, list string, score func(*Field) float64, why string) {
	var found []Candidate
	for i := range s.Fields {
		f := &s.Fields[i]
		if f.List != list || f.Filled == 0 || !fits(f, role) {
			continue
		}
		if n := score(f); n > 0 {
			found = append(found, Candidate{Path: f.Path, Score: round2(0.45 * n), Why: "by its content: " + why})
		}
	}
	slices.SortStableFunc(found, func(a, b Candidate) int { return cmp.Compare(b.Score, a.Score) })
	if len(found) > maxCandidates {
		found = found[:maxCandidates]
	}
	if len(found) > 0 {
		s.Candidates[role] = found
	}
}

func round2(x float64) float64 { return float64(int(max(0, min(1, x))*100+0.5)) / 100 }

func plural(n int64, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return grouped(n) + " " + one + "s"
}

package gorgias

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/deskferry/deskferry/importer"
)

// The types below are what is read of answers. They are lenient where a wrong guess would turn a ticket that was
// created into one in doubt: numbers may be strings, strings null, and times unreadable.

type ticketAnswer struct {
	ID              number64        `json:"id"`
	ExternalID      text            `json:"external_id"`
	Status          text            `json:"status"`
	Spam            truth           `json:"spam"`
	TrashedDatetime timestamp       `json:"trashed_datetime"`
	UpdatedDatetime timestamp       `json:"updated_datetime"`
	Tags            tagAnswers      `json:"tags"`
	AssigneeUser    reference       `json:"assignee_user"`
	AssigneeTeam    reference       `json:"assignee_team"`
	MessagesCount   number64        `json:"messages_count"`
	Customer        personAnswer    `json:"customer"`
	Messages        []messageAnswer `json:"messages"`
}

// messageAnswer has no tags: the one struct with a tag of the name sent_datetime is the one that is sent.
type messageAnswer struct {
	ID             number64
	ExternalID     text
	FromAgent      truth
	SentDatetime   timestamp
	FailedDatetime text
	Sender         personAnswer
}

// UnmarshalJSONFrom implements [json.UnmarshalerFrom].
func (m *messageAnswer) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	*m = messageAnswer{}
	if dec.PeekKind() != '{' {
		return errors.New("a message is no object")
	}
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	for dec.PeekKind() != '}' {
		name, err := dec.ReadToken()
		if err != nil {
			return err
		}
		switch name.String() {
		case "id":
			err = m.ID.UnmarshalJSONFrom(dec)
		case "external_id":
			err = m.ExternalID.UnmarshalJSONFrom(dec)
		case "from_agent":
			err = m.FromAgent.UnmarshalJSONFrom(dec)
		case "sent_datetime":
			err = m.SentDatetime.UnmarshalJSONFrom(dec)
		case "failed_datetime":
			err = m.FailedDatetime.UnmarshalJSONFrom(dec)
		case "sender":
			err = json.UnmarshalDecode(dec, &m.Sender)
		default:
			err = dec.SkipValue()
		}
		if err != nil {
			return err
		}
	}
	_, err := dec.ReadToken()
	return err
}

type personAnswer struct {
	ID    number64 `json:"id"`
	Email text     `json:"email"`
}

func (t *ticketAnswer) stored() importer.Stored {
	s := importer.Stored{
		ID: importer.TicketID(t.ID), ExternalID: string(t.ExternalID), Status: string(t.Status), Spam: bool(t.Spam),
		Trashed: !time.Time(t.TrashedDatetime).IsZero(), UpdatedDatetime: time.Time(t.UpdatedDatetime),
		Tags: t.Tags, User: importer.Assignee{ID: t.AssigneeUser.id, Name: t.AssigneeUser.email},
		Team: importer.Assignee{ID: t.AssigneeTeam.id, Name: t.AssigneeTeam.name},
	}
	for i := range t.Messages {
		s.Messages = append(s.Messages, t.Messages[i].stored())
	}
	return s
}

func (m *messageAnswer) stored() importer.StoredMessage {
	return importer.StoredMessage{
		ID: importer.MessageID(m.ID), ExternalID: string(m.ExternalID),
		SentDatetime: time.Time(m.SentDatetime), Failed: m.FailedDatetime != "",
	}
}

// number64 is an id or a count: a number, or a string of digits. null is 0.
type number64 int64

// UnmarshalJSONFrom implements [json.UnmarshalerFrom].
func (n *number64) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	tok, err := dec.ReadToken()
	if err != nil {
		return err
	}
	*n = 0
	switch tok.Kind() {
	case 'n':
		return nil
	case '0', '"':
		v, err := strconv.ParseInt(strings.TrimSpace(tok.String()), 10, 64)
		if err != nil {
			return fmt.Errorf("%q is no whole number", clip(tok.String()))
		}
		*n = number64(v)
		return nil
	}
	return errors.New("not a number")
}

// text is a string; null is empty, a number or a bool its digits, anything else empty.
type text string

// UnmarshalJSONFrom implements [json.UnmarshalerFrom].
func (s *text) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	*s = ""
	switch dec.PeekKind() {
	case '"', '0', 't', 'f':
		tok, err := dec.ReadToken()
		if err != nil {
			return err
		}
		*s = text(tok.String())
		return nil
	}
	return dec.SkipValue()
}

// tagAnswers are the names of a list of tags; what is no such list, or no tag in it, is left out.
type tagAnswers []string

// UnmarshalJSONFrom implements [json.UnmarshalerFrom].
func (t *tagAnswers) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	*t = nil
	if dec.PeekKind() != '[' {
		return dec.SkipValue()
	}
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	for dec.PeekKind() != ']' {
		var r reference
		if err := r.UnmarshalJSONFrom(dec); err != nil {
			return err
		}
		if r.name != "" {
			*t = append(*t, r.name)
		}
	}
	_, err := dec.ReadToken()
	return err
}

// reference is an object that is named, as far as it says so; anything else is nobody.
type reference struct {
	id          int64
	name, email string
}

// UnmarshalJSONFrom implements [json.UnmarshalerFrom].
func (r *reference) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	*r = reference{}
	if dec.PeekKind() != '{' {
		return dec.SkipValue()
	}
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	for dec.PeekKind() != '}' {
		name, err := dec.ReadToken()
		if err != nil {
			return err
		}
		var value text
		key := name.String()
		if err := value.UnmarshalJSONFrom(dec); err != nil {
			return err
		}
		switch key {
		case "id":
			r.id, _ = strconv.ParseInt(strings.TrimSpace(string(value)), 10, 64)
		case "name":
			r.name = string(value)
		case "email":
			r.email = string(value)
		}
	}
	_, err := dec.ReadToken()
	return err
}

// truth is a bool; anything else is false.
type truth bool

// UnmarshalJSONFrom implements [json.UnmarshalerFrom].
func (b *truth) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	*b = dec.PeekKind() == 't'
	return dec.SkipValue()
}

// timestamp is a time with or without zone (then UTC); null and what cannot be read are zero.
type timestamp time.Time

// UnmarshalJSONFrom implements [json.UnmarshalerFrom].
func (t *timestamp) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	var s text
	if err := s.UnmarshalJSONFrom(dec); err != nil {
		return err
	}
	*t = timestamp{}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999"} {
		if at, err := time.Parse(layout, string(s)); err == nil {
			*t = timestamp(at.UTC())
			return nil
		}
	}
	return nil
}

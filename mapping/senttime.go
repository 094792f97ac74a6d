package mapping

import (
	"errors"
	"fmt"
	"time"
)

// SentTime is a message's sent_datetime. It is the value that keeps Gorgias from mailing the message
// (api/gorgias, fact 1), so it can be made only by [NewSentTime] and its zero value refuses to be
// marshalled. Use it by value: a pointer, an embedded field, an interface or omitzero would let JSON leave it out.
type SentTime struct{ t time.Time }

// Why a time cannot be a sent time.
var (
	ErrSentMissing = errors.New("no sent time")
	ErrSentFuture  = errors.New("sent time lies in the future")
	ErrSentTooOld  = errors.New("sent time lies before 1970")
)

// NewSentTime accepts t if it lies between 1970 and now. The result is in UTC, to the microsecond, which is
// what Gorgias stores.
func NewSentTime(t, now time.Time) (SentTime, error) {
	switch {
	case t.IsZero():
		return SentTime{}, ErrSentMissing
	case t.Unix() < 0:
		return SentTime{}, ErrSentTooOld
	case t.After(now):
		return SentTime{}, ErrSentFuture
	}
	return SentTime{t.UTC().Truncate(time.Microsecond)}, nil
}

// Time is the instant in UTC; zero for the zero value.
func (s SentTime) Time() time.Time { return s.t }

// IsValid tells whether s was made by NewSentTime.
func (s SentTime) IsValid() bool { return !s.t.IsZero() }

// MarshalJSON writes RFC 3339 in UTC with microseconds; the zero value is an error, never null.
func (s SentTime) MarshalJSON() ([]byte, error) {
	if s.t.IsZero() {
		return nil, fmt.Errorf("marshalling sent_datetime: %w", ErrSentMissing)
	}
	return s.t.AppendFormat(make([]byte, 0, 34), `"2006-01-02T15:04:05.000000Z07:00"`), nil
}

// UnmarshalJSON reads what MarshalJSON wrote, under NewSentTime's rules.
func (s *SentTime) UnmarshalJSON(b []byte) error {
	t, err := time.Parse(`"`+time.RFC3339Nano+`"`, string(b))
	if err != nil {
		return fmt.Errorf("reading sent_datetime: %w", err)
	}
	*s, err = NewSentTime(t, time.Now())
	return err
}

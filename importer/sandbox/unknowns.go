package sandbox

import (
	"net/http"
	"time"
)

// Unknowns are the points the documentation leaves open (U in api/gorgias). A client that is right works with
// each of them either way. The zero value is the likeliest reading.
type Unknowns struct {
	// Status200 answers creates with 200 instead of 201.
	Status200 bool
	// RefuseDuplicates answers 409 to a ticket or message whose external_id is in use; otherwise external_id is
	// free text and a second ticket is made.
	RefuseDuplicates bool
	// Body409 is the body of a 409; empty: the documented error shape.
	Body409 string
	// Body429 is the body of a 429; empty: the documented error shape.
	Body429 string
	// FindDelay is how long a new ticket is not yet found by external_id.
	FindDelay time.Duration
	// KeepGoodMessages stores the valid messages of a ticket whose others are invalid; otherwise one bad message
	// refuses the whole call.
	KeepGoodMessages bool
	// SenderOptional takes messages without a sender.
	SenderOptional bool
	// KeepUpdated stores the updated_datetime and last_… datetimes that are sent, instead of working them out.
	KeepUpdated bool
	// ReopenOnAppend opens a closed ticket when a message is added to it.
	ReopenOnAppend bool
	// FutureIsMailed takes a sent_datetime that is still to come for a message waiting to be sent.
	FutureIsMailed bool
	// UploadLimit is the largest file in bytes; zero: 10 MiB.
	UploadLimit int64
	// BodyLimit is the largest JSON body in bytes; zero: 16 MiB.
	BodyLimit int64
	// ShowRules answers GET /api/rules, ShowSettings GET /api/account/settings. Neither is in the documentation the
	// sandbox is built on: otherwise they answer 404, and their shapes are inferred.
	ShowRules, ShowSettings bool
	// SentIgnored sends an agent's messages whatever their sent_datetime says, and stores when that was: an account
	// in which the first fact of all does not hold.
	SentIgnored bool
	// NotesPublic stores internal notes as public.
	NotesPublic bool
	// SurveyOnClose plans a satisfaction survey for each ticket that is created closed. Where it is shown is inferred.
	SurveyOnClose bool
	// SizeAsString answers an upload's size as a string.
	SizeAsString bool
}

func (u Unknowns) created() int {
	if u.Status200 {
		return http.StatusOK
	}
	return http.StatusCreated
}

func (u Unknowns) uploadLimit() int64 {
	if u.UploadLimit > 0 {
		return u.UploadLimit
	}
	return 10 << 20
}

func (u Unknowns) bodyLimit() int64 {
	if u.BodyLimit > 0 {
		return u.BodyLimit
	}
	return 16 << 20
}

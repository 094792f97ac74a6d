package gorgias

import (
	"slices"
	"strings"
)

// shape is what the wire rule allows at one place of a body. It is written down here a second time, apart from
// the wire types, so that a key added to a type by mistake does not leave; a test compares both.
type shape struct {
	kind     kind
	fields   map[string]*shape // kindObject: the names allowed
	required []string          // kindObject
	item     *shape            // kindArray
	min, max int               // kindArray: how many items; max 0: any number
	enum     []string          // kindString: the values allowed; nil: any
}

type kind uint8

const (
	kindString kind = iota
	kindTime        // a string: RFC 3339 with zone
	kindBool
	kindInteger // a positive whole number without fraction or exponent
	kindScalar  // string, number or bool
	kindObject
	kindArray
	kindHeaders // an object of strings whose names are free, but for those that act
	kindMessage // an object that the message rule checks as a whole
)

// acts tells whether name is, in any case, a message field that decides about sending or makes Gorgias act (design
// section 6, wire rule point 3). They are in no allow-list; a mail header may not have such a name either.
func acts(name string) bool {
	return slices.ContainsFunc([]string{
		"sent_datetime", "failed_datetime", "last_sending_error", "rule_id", "macros", "actions", "mention_ids",
	}, func(s string) bool { return strings.EqualFold(s, name) })
}

// shapes are the bodies that may leave.
type shapes struct{ ticket, message, update, trash, customer *shape }

func newShapes() shapes {
	text, timestamp, truth, integer := &shape{}, &shape{kind: kindTime}, &shape{kind: kindBool}, &shape{kind: kindInteger}
	object := func(fields map[string]*shape, required ...string) *shape {
		return &shape{kind: kindObject, fields: fields, required: required}
	}
	list := func(item *shape) *shape { return &shape{kind: kindArray, item: item} }
	id := object(map[string]*shape{"id": integer}, "id")
	person := object(map[string]*shape{"id": integer, "email": text, "name": text})
	author := object(map[string]*shape{"source_id": text, "email": text, "name": text})
	address := object(map[string]*shape{"name": text, "address": text}, "address")
	named := object(map[string]*shape{"name": text, "value": text}, "name", "value")
	tags := list(object(map[string]*shape{"name": text}, "name"))
	ours := func(kept *shape) *shape { return object(map[string]*shape{"deskferry": kept}, "deskferry") }

	message := &shape{kind: kindMessage, fields: map[string]*shape{
		"external_id": text, "channel": text, "via": text, "from_agent": truth, "public": truth, "subject": text,
		"body_html": text, "body_text": text, "stripped_html": text, "stripped_text": text, "stripped_signature": text,
		"sender": person, "receiver": person,
		"source": object(map[string]*shape{
			"type": {enum: []string{"email", "phone", "chat", "api"}},
			"from": address, "to": list(address), "cc": list(address), "bcc": list(address),
		}, "type", "to"),
		"attachments": list(object(map[string]*shape{
			"url": text, "name": text, "content_type": text, "size": integer, "public": truth,
		}, "url")),
		"integration_id": integer, "message_id": text,
		"sent_datetime": timestamp, "created_datetime": timestamp, "opened_datetime": timestamp, "deleted_datetime": timestamp,
		"headers": {kind: kindHeaders},
		"meta": ours(object(map[string]*shape{ // an object of our own (api/gorgias section 3): Gorgias acts on none of it
			"message_id": text, "author": author, "from": address, "to": list(address), "cc": list(address), "bcc": list(address), "fields": list(named),
		})),
	}, required: []string{"channel", "from_agent", "public", "sender", "sent_datetime"}}

	status := &shape{enum: []string{"open", "closed"}}
	ticket := object(map[string]*shape{
		"external_id": text, "subject": text, "status": status, "priority": text, "channel": text, "via": text,
		"language": text, "from_agent": truth, "spam": truth, "customer": person, "assignee_user": id, "assignee_team": id,
		"tags":             tags,
		"custom_fields":    list(object(map[string]*shape{"id": integer, "value": {kind: kindScalar}}, "id", "value")),
		"created_datetime": timestamp, "opened_datetime": timestamp, "closed_datetime": timestamp, "trashed_datetime": timestamp,
		"last_message_datetime": timestamp, "last_received_message_datetime": timestamp,
		"meta": ours(object(map[string]*shape{ // the same (api/gorgias section 4)
			"source": text, "ticket_id": text, "url": text, "fields": list(named), "custom_fields": list(named), "assignee_user": author, "assignee_team": text,
		})),
		"messages": {kind: kindArray, item: message, min: 1, max: 500},
	}, "customer", "messages")

	return shapes{
		ticket: ticket, message: message,
		// What a create may say of a ticket's state an update may say too: no key of a message, nothing that is sent. Assignees by
		// id alone: more of a person than the id might change them (api/gorgias section 7).
		update: object(map[string]*shape{"status": status, "closed_datetime": timestamp, "tags": tags, "assignee_user": id, "assignee_team": id}),
		// An undo with --trash writes this alone, and only then: what lies in the trash is mailed to nobody (api/gorgias section 8).
		trash: object(map[string]*shape{"trashed_datetime": timestamp}, "trashed_datetime"),
		customer: object(map[string]*shape{
			"name": text, "email": text, "external_id": text, "language": text, "timezone": text,
			"channels": list(object(map[string]*shape{"type": text, "address": text, "preferred": truth}, "type", "address")),
		}),
	}
}

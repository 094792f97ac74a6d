package gorgias

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/deskferry/deskferry/importer"
)

// heldCarried is how the account holds what a message carries besides its texts, times and files. Source, headers and meta are
// read where they are compared: what is no object there is a difference, not an answer that cannot be read.
type heldCarried struct {
	Via               text           `json:"via"`
	Receiver          personAnswer   `json:"receiver"`
	MessageID         text           `json:"message_id"`
	IntegrationID     number64       `json:"integration_id"`
	StrippedHTML      text           `json:"stripped_html"`
	StrippedText      text           `json:"stripped_text"`
	StrippedSignature text           `json:"stripped_signature"`
	Source            jsontext.Value `json:"source"`
	Headers           jsontext.Value `json:"headers"`
	Meta              jsontext.Value `json:"meta"`
	CreatedDatetime   timestamp      `json:"created_datetime"`
	OpenedDatetime    timestamp      `json:"opened_datetime"`
	DeletedDatetime   timestamp      `json:"deleted_datetime"`
}

// marks compares a ticket's flags, times, custom fields and meta. What reading, answering and restoring a ticket changes
// is compared only while it is untouched.
func (d *diff) marks(want *Ticket, held *heldTicket, touched bool) {
	d.same("channel", importer.DiffField, want.Channel, string(held.Channel))
	d.same("via", importer.DiffField, want.Via, string(held.Via))
	d.same("from_agent", importer.DiffDirection, strconv.FormatBool(want.FromAgent), strconv.FormatBool(bool(held.FromAgent)))
	if !touched {
		if want.Spam {
			d.same("spam", importer.DiffStatus, "true", strconv.FormatBool(bool(held.Spam)))
		}
		d.same("trashed_datetime", importer.DiffStatus, instant(want.TrashedDatetime), instant(time.Time(held.TrashedDatetime)))
		d.arrived("opened_datetime", instant(want.OpenedDatetime), instant(time.Time(held.OpenedDatetime)))
		d.arrived("last_message_datetime", instant(want.LastMessageDatetime), instant(time.Time(held.LastMessageDatetime)))
		d.arrived("last_received_message_datetime", instant(want.LastReceivedMessageDatetime), instant(time.Time(held.LastReceivedMessageDatetime)))
	}
	values := heldValues(held.CustomFields)
	for _, f := range want.CustomFields {
		sent, _ := json.Marshal(f.Value)
		d.same("custom_fields", importer.DiffField, canonical(sent), canonical(values[f.ID]))
	}
	d.meta(want.Meta, want.Meta.IsZero(), held.Meta)
}

// arrived counts a value whose fate in the account is not documented (api/gorgias section 4): it is told among the fields, but
// is no difference.
func (d *diff) arrived(field, want, got string) {
	if want != "" {
		d.out.Count(d.message != "", field, want == got)
	}
}

// carried compares how a message travelled and what is kept with it.
func (d *diff) carried(want *Message, held *heldCarried) {
	d.same("via", importer.DiffField, want.Via, string(held.Via))
	d.same("receiver", importer.DiffPeople, person(want.Receiver), d.answered(want.Receiver, held.Receiver))
	d.same("message_id", importer.DiffField, want.MessageID, string(held.MessageID))
	if want.IntegrationID > 0 {
		d.same("integration_id", importer.DiffField, strconv.FormatInt(want.IntegrationID, 10), strconv.FormatInt(int64(held.IntegrationID), 10))
	}
	d.body("stripped_html", want.StrippedHTML, string(held.StrippedHTML))
	d.body("stripped_text", want.StrippedText, string(held.StrippedText))
	d.body("stripped_signature", want.StrippedSignature, string(held.StrippedSignature))
	d.same("created_datetime", importer.DiffTime, instant(want.CreatedDatetime), instant(time.Time(held.CreatedDatetime)))
	d.same("deleted_datetime", importer.DiffTime, instant(want.DeletedDatetime), instant(time.Time(held.DeletedDatetime)))
	d.arrived("opened_datetime", instant(want.OpenedDatetime), instant(time.Time(held.OpenedDatetime)))
	d.source(&want.Source, held.Source)
	d.headers(want.Headers, held.Headers)
	d.meta(want.Meta, want.Meta.IsZero(), held.Meta)
}

// source compares the addresses a message went from and to; how names are written beside them is the account's affair.
func (d *diff) source(want *Source, held jsontext.Value) {
	if want.IsZero() {
		return
	}
	type address struct {
		Address text `json:"address"`
	}
	var have struct {
		Type        text    `json:"type"`
		From        address `json:"from"`
		To, Cc, Bcc []address
	}
	_ = json.Unmarshal(held, &have, json.MatchCaseInsensitiveNames(true))
	list := func(all []address) string {
		var out []string
		for _, a := range all {
			out = append(out, strings.ToLower(string(a.Address)))
		}
		return strings.Join(out, ", ")
	}
	d.same("source.type", importer.DiffField, want.Type, string(have.Type))
	d.same("source.from", importer.DiffAddress, strings.ToLower(want.From.Address), strings.ToLower(string(have.From.Address)))
	d.same("source.to", importer.DiffAddress, addressList(want.To), list(have.To))
	d.same("source.cc", importer.DiffAddress, addressList(want.Cc), list(have.Cc))
	d.same("source.bcc", importer.DiffAddress, addressList(want.Bcc), list(have.Bcc))
	shown := slices.Concat(have.To, have.Cc)
	for _, a := range want.Bcc {
		is := func(b Address) bool { return strings.EqualFold(a.Address, b.Address) }
		if slices.ContainsFunc(want.To, is) || slices.ContainsFunc(want.Cc, is) {
			continue
		}
		if slices.ContainsFunc(shown, func(b address) bool { return strings.EqualFold(a.Address, string(b.Address)) }) {
			d.out.Differ(d.message, "source.bcc", importer.DiffAddress, a.Address+" hidden", "among to or cc")
		}
	}
}

func addressList(all []Address) string {
	var out []string
	for _, a := range all {
		out = append(out, strings.ToLower(a.Address))
	}
	return strings.Join(out, ", ")
}

// headers compares those that were sent; the account may have more.
func (d *diff) headers(want Headers, held jsontext.Value) {
	if len(want) == 0 {
		return
	}
	var sent, have map[string]text
	b, err := json.Marshal(want)
	if err == nil {
		err = json.Unmarshal(b, &sent)
	}
	if err != nil {
		return // it could not have been sent
	}
	_ = json.Unmarshal(held, &have)
	for _, name := range slices.Sorted(maps.Keys(sent)) {
		d.same("headers", importer.DiffField, name+": "+string(sent[name]), name+": "+string(have[name]))
	}
}

// meta compares our key of it; the rest is the account's.
func (d *diff) meta(want any, empty bool, held jsontext.Value) {
	if empty {
		return
	}
	type ours struct {
		Deskferry jsontext.Value `json:"deskferry"`
	}
	var sent, have ours
	b, err := json.Marshal(want)
	if err == nil {
		err = json.Unmarshal(b, &sent)
	}
	if err != nil {
		return // it could not have been sent
	}
	_ = json.Unmarshal(held, &have)
	d.same("meta", importer.DiffField, canonical(sent.Deskferry), canonical(have.Deskferry))
}

// heldValues are the values of custom fields by their id: the answer is an object by id, or a list.
func heldValues(held jsontext.Value) map[int64]jsontext.Value {
	type value struct {
		ID    number64       `json:"id"`
		Value jsontext.Value `json:"value"`
	}
	out := map[int64]jsontext.Value{}
	var byID map[string]value
	var list []value
	if json.Unmarshal(held, &byID) == nil {
		for name, v := range byID {
			if id, err := strconv.ParseInt(name, 10, 64); err == nil {
				out[id] = v.Value
			}
		}
	} else if json.Unmarshal(held, &list) == nil {
		for _, v := range list {
			out[int64(v.ID)] = v.Value
		}
	}
	return out
}

// canonical is JSON in the one way of RFC 8785, so that order and blanks make no difference; "" for none.
func canonical(v jsontext.Value) string {
	v = v.Clone()
	if len(v) == 0 || v.Canonicalize() != nil {
		return ""
	}
	return string(v)
}

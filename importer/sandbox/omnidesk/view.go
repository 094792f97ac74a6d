package omnidesk

import (
	"bytes"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// views make answers in the API's shape.
type views struct {
	quirks  Quirks
	zone    *time.Location
	channel func(int) (name, icon string)
}

// stamp is a time as the API writes it: without a zone, null when there is none.
func (v *views) stamp(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.In(v.zone).Format(time.DateTime)
}

// row is a ticket as lists answer it: without a timeline.
func (v *views) row(t *Ticket) object {
	if len(t.Saved) == 0 {
		return v.odd(v.fields(t), t.ID)
	}
	out, err := members(t.Saved)
	if err != nil {
		return v.odd(v.fields(t), t.ID)
	}
	kept := out[:0]
	for _, m := range out {
		if m.name != "timeline" {
			kept = append(kept, m)
		}
	}
	return v.odd(kept, t.ID)
}

// fields are a ticket's own, in the order of the documentation's example.
func (v *views) fields(t *Ticket) object {
	name, icon := v.channel(t.ChannelID)
	return object{
		{"assigned_group_id", t.GroupID}, {"assigned_user_id", t.UserID},
		{"channel_account_id", t.AccountID}, {"channel_id", t.ChannelID}, {"closed_at", v.stamp(t.Closed)},
		{"created_at", v.stamp(t.Created)}, {"customer_id", t.CustomerID}, {"direction", t.Direction},
		{"external_gui_url", t.ExternalURL}, {"external_id", t.ExternalID}, {"form_id", orNull(t.FormID)},
		{"from", t.From}, {"from_name", t.FromName}, {"grade_by_customer", orNull(t.Grade)}, {"icon", icon},
		{"last_update", v.stamp(t.Updated)}, {"last_update_agent", v.stamp(t.UpdatedByAgent)},
		{"last_update_customer", v.stamp(t.UpdatedByCustomer)}, {"priority", t.Priority}, {"show_timeline", 1},
		{"sla_breach_customer_wait_time", nil}, {"sla_breach_first_reply_time", nil}, {"sla_breach_next_reply_time", nil},
		{"sla_breach_user_work_time", nil}, {"sla_next_breach", nil}, {"sla_next_breach_current_status", "active"},
		{"sla_policy_id", 5}, {"snooze_time", v.stamp(t.Snoozed)}, {"snooze_time_sent", nil}, {"title", t.Title},
		{"to", t.To}, {"to_name", t.ToName}, {"status", t.Status}, {"id", t.ID}, {"channel_name", name},
		{"channel_icon", icon}, {"brand_name", t.BrandName}, {"brand_id", t.BrandID},
	}
}

// item is a ticket with its timeline.
func (v *views) item(t *Ticket, events bool) object {
	out := v.row(t)
	if v.quirks.NoTimeline {
		return append(out, member{"timeline", nil})
	}
	timeline := []any{}
	if len(t.Saved) > 0 {
		if all, err := members(t.Saved); err == nil {
			for _, m := range all {
				if raw, ok := m.value.(jsontext.Value); ok && m.name == "timeline" {
					timeline = append(timeline, v.savedEntries(raw, events)...)
				}
			}
		}
	}
	for i := range t.Timeline {
		e := &t.Timeline[i]
		if e.Type == TypeEvent && !events {
			continue
		}
		timeline = append(timeline, v.odd(v.entry(t, e), e.ID))
	}
	return append(out, member{"timeline", timeline})
}

// savedEntries are the entries of a saved timeline, each as it was.
func (v *views) savedEntries(raw jsontext.Value, events bool) []any {
	var out []any
	dec := jsontext.NewDecoder(bytes.NewReader(raw), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if tok, err := dec.ReadToken(); err != nil || tok.Kind() != '[' {
		return nil
	}
	for dec.PeekKind() != ']' {
		value, err := dec.ReadValue()
		if err != nil {
			return out
		}
		entry, err := members(value)
		if err != nil {
			out = append(out, value.Clone())
			continue
		}
		if kind, ok := entry.get("type").(jsontext.Value); ok && string(kind) == `"`+TypeEvent+`"` && !events {
			continue
		}
		out = append(out, v.odd(entry, 0))
	}
	return out
}

func (o object) get(name string) any {
	for _, m := range o {
		if m.name == name {
			return m.value
		}
	}
	return nil
}

// entry is a line of the timeline: an event with a number for its id, anything else with a string.
func (v *views) entry(t *Ticket, e *Entry) object {
	if e.Type == TypeEvent {
		return object{{"id", e.ID}, {"ticket_id", t.ID}, {"item_type", e.ItemType}, {"item_type_id", e.ItemTypeID},
			{"description", e.Description}, {"initiated_by", e.InitiatedBy}, {"created_at", v.stamp(e.Created)}, {"type", TypeEvent}}
	}
	var name, icon any
	if e.ChannelID != 0 {
		name, icon = v.channel(e.ChannelID)
	}
	var content any = e.Content
	if e.Content == "" && e.IsMessage() {
		content = nil
	}
	meta := e.MetaData
	if meta == "" {
		meta = "[]" // an empty PHP array
	}
	pinned := 0
	if e.Pinned {
		pinned = 1
	}
	return object{{"to", orNull(e.To)}, {"from", orNull(e.From)}, {"image", ""}, {"created_at", v.stamp(e.Created)}, {"pinned", pinned},
		{"id", strconv.FormatInt(e.ID, 10)}, {"channel_name", name}, {"channel_icon", icon}, {"type", e.Type}, {"status_new", e.StatusNew},
		{"user_id", e.UserID}, {"user_name", e.UserName}, {"user_avatar", ""}, {"channel_id", e.ChannelID}, {"direction", e.Direction},
		{"content", content}, {"ticket_id", t.ID}, {"external_id", orNull(e.ExternalID)}, {"from_name", e.FromName}, {"to_name", e.ToName},
		{"meta_data", meta}, {"in_queue", 0}}
}

// user is an agent; extended gives all that is known. The documentation does not show the fields.
func (v *views) user(u *User, extended bool) object {
	out := object{{"id", u.ID}, {"name", u.Name}, {"firstname", u.FirstName}, {"lastname", u.LastName}, {"email", u.Email}}
	if extended {
		active := 1
		if u.Inactive {
			active = 0
		}
		out = append(out, member{"active", active}, member{"telephone", orNull(u.Phone)}, member{"avatar", ""})
	}
	return v.odd(out, u.ID)
}

// customer is a person who wrote. Only the first fields are documented, and those that can be posted.
func (v *views) customer(c *Customer) object {
	return v.odd(object{{"id", c.ID}, {"external_primary_id", orNull(c.PrimaryID)}, {"brand_name", c.BrandName}, {"brand_id", c.BrandID},
		{"firstname", c.FirstName}, {"lastname", c.LastName}, {"name", c.Name()}, {"email", orNull(c.Email)}, {"telephone", orNull(c.Phone)},
		{"language", orNull(c.LanguageID)}}, c.ID)
}

// orNull is null for the zero value.
func orNull[T comparable](value T) any {
	var zero T
	if value == zero {
		return nil
	}
	return value
}

// odd plays the quirks that concern single values. n is a number that stays the same for the object.
func (v *views) odd(o object, n int64) object {
	if !v.quirks.MixedIDs && !v.quirks.Nulls {
		return o
	}
	for i := range o {
		m := &o[i]
		if v.quirks.MixedIDs && n%2 == 1 && (m.name == "id" || strings.HasSuffix(m.name, "_id")) {
			m.value = swapped(m.value)
		}
		if v.quirks.Nulls && (m.value == "" || m.value == 0 || m.value == int64(0)) && m.name != "direction" && m.name != "channel_id" {
			m.value = nil
		}
	}
	return o
}

// swapped is a number as a string of digits, and the reverse.
func swapped(value any) any {
	switch value := value.(type) {
	case int64:
		return strconv.FormatInt(value, 10)
	case int:
		return strconv.Itoa(value)
	case string:
		if n, err := strconv.ParseInt(value, 10, 64); err == nil {
			return n
		}
	}
	return value
}

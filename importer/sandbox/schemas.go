package sandbox

import "slices"

// schemas are the bodies the API takes (api/gorgias sections 3, 4 and 7).
type schemas struct {
	ticket, ticketUpdate   object
	message, messageUpdate object
	customer               object
}

func channels(custom []string) []string {
	return append([]string{
		"aircall", "api", "chat", "contact_form", "email", "facebook", "facebook-mention", "facebook-messenger",
		"facebook-recommendations", "help-center", "instagram-ad-comment", "instagram-comment",
		"instagram-direct-message", "instagram-mention", "internal-note", "phone", "sms", "twitter",
		"twitter-direct-message", "whatsapp", "yotpo-review",
	}, custom...)
}

func vias(custom []string) []string {
	return append(channels(custom), "form", "gorgias_chat", "helpdesk", "instagram", "offline_capture", "rule",
		"self_service", "shopify", "twilio", "yotpo", "zendesk")
}

func newSchemas(a *Account, u Unknowns) schemas {
	channel, via := oneOf(channels(a.Channels)...), oneOf(vias(a.Channels)...)
	message := messageSchema(channel, via, u)
	ticket := ticketSchema(channel, via, message)
	return schemas{
		ticket:        ticket,
		ticketUpdate:  ticket.without("messages", "created_datetime"),
		message:       message,
		messageUpdate: message.without(),
		customer:      customerSchema(),
	}
}

func personSchema() object {
	return newObject(
		rule{"id", false, integer},
		rule{"email", false, email},
		rule{"name", false, text(255)},
		rule{"firstname", false, text(255)},
		rule{"lastname", false, text(255)},
		rule{"external_id", false, text(255)},
		rule{"language", false, text(16)},
		rule{"timezone", false, text(64)},
		rule{"meta", false, freeObject},
	)
}

func messageSchema(channel, via check, u Unknowns) object {
	person := either(personSchema(), "id", "email")
	return newObject(
		rule{"channel", true, channel},
		rule{"via", false, via},
		rule{"from_agent", true, boolean},
		rule{"sender", !u.SenderOptional, person},
		rule{"receiver", false, person},
		rule{"body_html", false, text(0)},
		rule{"body_text", false, text(0)},
		rule{"stripped_html", false, text(0)},
		rule{"stripped_text", false, text(0)},
		rule{"stripped_signature", false, text(0)},
		rule{"subject", false, text(998)},
		rule{"public", false, boolean},
		rule{"source", false, sourceSchema().check},
		rule{"attachments", false, listOf(attachmentSchema().check)},
		rule{"integration_id", false, integer},
		rule{"external_id", false, text(255)},
		rule{"message_id", false, text(0)},
		rule{"sent_datetime", false, datetime},
		rule{"created_datetime", false, datetime},
		rule{"opened_datetime", false, datetime},
		rule{"failed_datetime", false, datetime},
		rule{"deleted_datetime", false, datetime},
		rule{"last_sending_error", false, newObject(rule{"error", false, text(0)}).check},
		rule{"headers", false, freeObject},
		rule{"meta", false, freeObject},
		rule{"macros", false, listOf(newObject(rule{"id", true, integer}).check)},
		rule{"actions", false, listOf(anything)},
		rule{"mention_ids", false, listOf(integer)},
	)
}

func sourceSchema() object {
	address := newObject(rule{"name", false, text(0)}, rule{"address", false, text(320)}).check
	return newObject(
		rule{"type", false, text(255)},
		rule{"from", false, address},
		rule{"to", false, listOf(address)},
		rule{"cc", false, listOf(address)},
		rule{"bcc", false, listOf(address)},
		rule{"extra", false, freeObject},
	)
}

func attachmentSchema() object {
	return newObject(
		rule{"url", true, textBetween(1, 4096)},
		rule{"name", false, text(1024)},
		rule{"content_type", false, text(255)},
		rule{"size", false, integer},
		rule{"public", false, boolean},
		rule{"extra", false, text(0)},
	)
}

func ticketSchema(channel, via check, message object) object {
	ref := newObject(rule{"id", true, integer}).check
	return newObject(
		rule{"messages", true, listBetween(1, 500, message.check)},
		rule{"channel", false, channel},
		rule{"via", false, via},
		rule{"customer", false, either(personSchema(), "id", "email")},
		rule{"status", false, oneOf("open", "closed")},
		rule{"priority", false, oneOf("critical", "high", "normal", "low")},
		rule{"subject", false, text(998)},
		rule{"external_id", false, text(255)},
		rule{"tags", false, listOf(newObject(rule{"name", true, textBetween(1, 256)}).check)},
		rule{"custom_fields", false, listOf(newObject(rule{"id", true, integer}, rule{"value", true, anything}).check)},
		rule{"assignee_user", false, ref},
		rule{"assignee_team", false, ref},
		rule{"from_agent", false, boolean},
		rule{"language", false, language},
		rule{"spam", false, boolean},
		rule{"meta", false, freeObject},
		rule{"created_datetime", false, datetime},
		rule{"opened_datetime", false, datetime},
		rule{"closed_datetime", false, datetime},
		rule{"trashed_datetime", false, datetime},
		rule{"snooze_datetime", false, datetime},
		rule{"updated_datetime", false, datetime},
		rule{"last_message_datetime", false, datetime},
		rule{"last_received_message_datetime", false, datetime},
	)
}

func customerSchema() object {
	channel := newObject(
		rule{"type", true, text(255)},
		rule{"address", true, text(320)},
		rule{"preferred", false, boolean},
	)
	return newObject(
		rule{"name", false, text(255)},
		rule{"email", false, email},
		rule{"external_id", false, text(255)},
		rule{"language", false, text(16)},
		rule{"timezone", false, text(64)},
		rule{"channels", false, listOf(channel.check)},
		rule{"data", false, anything},
		rule{"meta", false, freeObject},
	)
}

// language takes the two letters of ISO 639-1.
func language(v value) problem {
	if v.kind != '"' || len(v.text) != 2 || slices.ContainsFunc([]byte(v.text), func(c byte) bool { return c < 'a' || c > 'z' }) {
		return wrong("Not a valid language.")
	}
	return nil
}

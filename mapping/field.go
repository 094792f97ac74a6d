package mapping

// fieldKind is what a target field holds; it decides how a value is read and checked.
type fieldKind uint8

const (
	kindText fieldKind = iota
	kindBody           // text that is not trimmed
	kindID
	kindEnum
	kindBool
	kindNumber
	kindTime
	kindSentTime
	kindList // of text
	kindPerson
	kindAddresses
	kindAttachments
	kindPairs // custom_fields, meta, headers: named entries
)

// field is one target field a rule can set. The tables below are the one place that names them: the loader, the
// compiler, the validation and the JSON Schema all read them.
type field struct {
	name string
	kind fieldKind
	max  int      // characters; 0: no limit known
	cut  cutter   // how a longer text is cut; nil: it is left out, since it means nothing when cut
	enum []string // kindEnum
	doc  string   // for the schema; says what the API says
}

var statuses = []string{"open", "closed"}

var priorities = []string{"critical", "high", "normal", "low"}

// channels and vias are api/gorgias section 3's enumerations; a custom channel's slug is also a channel, so an
// unknown word of slug form is a warning there.
var channels = []string{
	"aircall", "api", "chat", "contact_form", "email", "facebook", "facebook-mention", "facebook-messenger",
	"facebook-recommendations", "help-center", "instagram-ad-comment", "instagram-comment",
	"instagram-direct-message", "instagram-mention", "internal-note", "phone", "sms", "twitter",
	"twitter-direct-message", "whatsapp", "yotpo-review",
}

var vias = append(append([]string(nil), channels...),
	"form", "gorgias_chat", "helpdesk", "instagram", "offline_capture", "rule", "self_service", "shopify", "twilio",
	"yotpo", "zendesk")

var ticketFields = []field{
	{name: "external_id", kind: kindID, max: 0, doc: "the source's ticket id; absent from the rule: each record is a ticket of its own"},
	{name: "version", kind: kindText, doc: "of several records with one id the newest counts"},
	{name: "subject", kind: kindText, max: maxSubject, cut: cutTo, doc: "the ticket's subject"},
	{name: "status", kind: kindEnum, enum: statuses, doc: "open or closed"},
	{name: "priority", kind: kindEnum, enum: priorities, doc: "critical, high, normal or low"},
	{name: "channel", kind: kindEnum, enum: channels, doc: "how the conversation began"},
	{name: "via", kind: kindEnum, enum: vias, doc: "what carried it"},
	{name: "language", kind: kindText, max: 2, doc: "ISO 639-1"},
	{name: "customer", kind: kindPerson, doc: "the requester"},
	{name: "assignee_user", kind: kindPerson, doc: "the assignee, an agent"},
	{name: "assignee_team", kind: kindText, doc: "the assigned team's name or id"},
	{name: "tags", kind: kindList, max: maxTag, doc: "tag names, case-sensitive"},
	{name: "custom_fields", kind: kindPairs, doc: "by the account's field label or id"},
	{name: "from_agent", kind: kindBool, doc: "direction of the first message"},
	{name: "spam", kind: kindBool, doc: "marked as spam"},
	{name: "meta", kind: kindPairs, doc: "further facts kept with the ticket"},
	{name: "created_datetime", kind: kindTime, doc: "when the conversation began"},
	{name: "opened_datetime", kind: kindTime, doc: "when an agent first opened it"},
	{name: "closed_datetime", kind: kindTime, doc: "when it was closed"},
	{name: "trashed_datetime", kind: kindTime, doc: "when it was put in the trash"},
	{name: "last_message_datetime", kind: kindTime, doc: "time of the last message"},
	{name: "last_received_message_datetime", kind: kindTime, doc: "time of the customer's last message"},
	{name: "source_url", kind: kindText, max: 2000, doc: "where the old helpdesk shows it; kept in meta, so that agents find the original"},
}

var messageFields = []field{
	{name: "ticket", kind: kindID, doc: "the ticket's external_id, where the record is not the ticket's"},
	{name: "external_id", kind: kindID, doc: "the source's message id; absent: a hash of ticket, time, sender and body"},
	{name: "version", kind: kindText, doc: "of several records with one id the newest counts"},
	{name: "author", kind: kindPerson, doc: "who wrote it"},
	{name: "from_agent", kind: kindBool, doc: "sent by the company"},
	{name: "internal", kind: kindBool, doc: "an internal note: channel internal-note, not public, from an agent"},
	{name: "channel", kind: kindEnum, enum: channels, doc: "the ticket's where absent"},
	{name: "via", kind: kindEnum, enum: vias, doc: "what carried it"},
	{name: "subject", kind: kindText, max: maxSubject, cut: cutTo, doc: "the ticket's where absent"},
	{name: "body_html", kind: kindBody, doc: "made from body_text where absent"},
	{name: "body_text", kind: kindBody, doc: "made from body_html where absent"},
	{name: "stripped_html", kind: kindBody, doc: "the body without quoted replies and signature"},
	{name: "stripped_text", kind: kindBody, doc: "the body without quoted replies and signature"},
	{name: "stripped_signature", kind: kindBody, doc: "the signature"},
	{name: "sent_datetime", kind: kindSentTime, doc: "when it was sent; keeps it from being sent again"},
	{name: "created_datetime", kind: kindTime, doc: "when it was created"},
	{name: "opened_datetime", kind: kindTime, doc: "when its recipient saw it"},
	{name: "deleted_datetime", kind: kindTime, doc: "when it was deleted"},
	{name: "from_address", kind: kindAddresses, doc: "the sender's address; the author's where absent"},
	{name: "to", kind: kindAddresses, doc: "recipients"},
	{name: "cc", kind: kindAddresses, doc: "recipients of a copy"},
	{name: "bcc", kind: kindAddresses, doc: "recipients of a blind copy"},
	{name: "message_id", kind: kindText, max: 998, doc: "RFC 5322 Message-ID"},
	{name: "in_reply_to", kind: kindText, max: 998, doc: "RFC 5322 In-Reply-To"},
	{name: "references", kind: kindText, doc: "RFC 5322 References"},
	{name: "headers", kind: kindPairs, doc: "mail headers"},
	{name: "integration_id", kind: kindNumber, doc: "the account's integration that sent or received it"},
	{name: "attachments", kind: kindAttachments, doc: "files"},
	{name: "meta", kind: kindPairs, doc: "further facts kept with the message"},
}

var personFields = []field{
	{name: "id", kind: kindID, doc: "the source's id"},
	{name: "email", kind: kindText, max: maxEmail, doc: "e-mail address"},
	{name: "name", kind: kindText, doc: "name as shown; at most 255 characters of a customer's are sent"},
	{name: "agent", kind: kindBool, doc: "works for the company"},
}

var attachmentParts = []field{
	{name: "url", kind: kindText, doc: "where the file is"},
	{name: "data", kind: kindBody, doc: "the file itself, base64"},
	{name: "name", kind: kindText, max: maxName, cut: cutFileName, doc: "file name"},
	{name: "content_type", kind: kindText, max: maxName, doc: "media type"},
	{name: "size", kind: kindNumber, doc: "bytes"},
	{name: "content_id", kind: kindText, doc: "what cid: in body_html names it by"},
}

// pairParts make named entries of items that hold a name and a value each.
var pairParts = []field{
	{name: "name", kind: kindText, doc: "the entry's name; $key is the name of the member itself"},
	{name: "value", kind: kindText, doc: "its value"},
}

var addressParts = []field{
	{name: "address", kind: kindText, doc: "the mail address or number"},
	{name: "name", kind: kindText, doc: "the name beside it"},
}

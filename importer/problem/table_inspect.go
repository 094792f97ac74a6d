package problem

// inspectTable are the codes of a profile.Warning and a profile.Sign.
var inspectTable = []Entry{
	{"id.decimal", "inspect", "warning", "whole numbers are written with .0", "3.0 among ids", "nothing: an id like 3.0 is read as 3"},
	{"text.newline", "inspect", "warning", "line breaks are written as a backslash and an n", "Hello\\nAnn", "read the field with unescape: backslash, or [backslash, entities] where both are met"},
	{"text.entity", "inspect", "warning", "HTML entities stand in plain text", "Ann &amp; Bob", "read the field with unescape: entities, or [backslash, entities] where both are met"},
	{"text.formula", "inspect", "warning", "cells begin like a formula, or were guarded against that", "'=1+1", "compare one with the old helpdesk"},
	{"text.mojibake", "inspect", "warning", "letters with accents are garbled in the export itself", "MÃ¼ller", "export again as UTF-8"},
	{"text.replaced", "inspect", "warning", "characters were lost before the export was written", "M\uFFFDller", "export again as UTF-8"},
	{"text.cut", "inspect", "warning", "many values have exactly the same great length: texts were cut off there, it seems", "4,000 values of 255 bytes", "get the whole texts from the old helpdesk"},
	{"value.null", "inspect", "warning", "a word stands for nothing", "NULL, N/A", "add it to source.empty if it means that"},
	{"time.zero", "inspect", "warning", "a database's zero date", "0000-00-00 00:00:00", "add it to source.empty if it means none"},
	{"heading", "inspect", "warning", "a column has no heading, or one that another column has too", "two columns called Tag", "nothing: a mapping names them \"#3\" or Tag#2"},
	{"cut.records", "inspect", "warning", "a suspiciously round number of records: the export may have stopped at a limit", "exactly 10,000 records", "compare with what the old helpdesk counts"},
	{"cut.list", "inspect", "warning", "lists of exactly a limit's length, and none longer", "100 comments, never 101", "get the rest of the long ones from the old helpdesk"},
	{"cut.total", "inspect", "warning", "a total is larger than the list beside it", "total_parts: 120 beside 100 parts", "get the rest from the old helpdesk: it was not exported"},
	{"cut.status", "inspect", "warning", "the export itself says that texts are cut off", "truncationStatus: TRUNCATED", "get the whole texts from the old helpdesk, or they are imported as they are"},
	{"texts.none", "inspect", "warning", "no field holds the text of a message", "a list of tickets without their comments", "look for messages in another file of the export, or ask for an export with them"},
	{"id.none", "inspect", "warning", "messages have no id of their own: a hash of ticket, time, author and text stands in", "a table without an id column", "nothing for one import; an edited message would be a new one later"},
	{"header.none", "inspect", "warning", "the first row of a CSV file looks like data", "1;ann@example.com;2024-03-01", "add a row of headings above it"},
	{"time.order", "inspect", "warning", "day and month cannot be told apart", "03/04/2021", "write layout: dmy or layout: mdy"},
	{"time.zone", "inspect", "warning", "times name no zone, or one that many places share", "2024-03-01 09:30", "add source: { timezone: Europe/Amsterdam }"},
	{"duplicates", "inspect", "warning", "ids or whole records come again", "ticket 812 twice", "nothing for equal records, of which one is imported; else name the version field"},
	{"fields.many", "inspect", "warning", "records have more fields than are described", "a field for each product", "nothing: a mapping can read all of them"},
}

// lintTable are the codes of a mapping.Finding.
var lintTable = []Entry{
	{"lint.table.unused", "lint", "warning", "no value uses the table", "tables: { status: … } and no table: status", "write table: status at a value, or remove it"},
	{"lint.input.unused", "lint", "warning", "no rule reads the input: all its records will be rejected", "inputs: { users: … } and no rule for it", "write input: users in a rule, or skip its records with one"},
	{"lint.messages.missing", "lint", "error", "there is no message rule, and a ticket has at least one message", "tickets: alone", "add messages: { message: { … } }"},
	{"lint.messages.fallback", "lint", "warning", "every message rule is a fallback, which is used only where the ticket has no other message", "fallback: true in the only rule", "remove it from one of them"},
	{"lint.ticket.nameless", "lint", "warning", "without external_id each record is a ticket of its own", "a ticket rule without external_id", "add external_id: the field with the ticket's id"},
	{"lint.message.nameless", "lint", "warning", "without external_id messages are told apart by their content: an edited one will be a new message", "a message rule without external_id", "add external_id, if the export has one"},
	{"lint.message.ticketless", "lint", "error", "no ticket rule reads the message's input, so the messages belong to no ticket", "a rule for comments.csv without ticket", "add ticket: the field with the ticket's id"},
	{"lint.message.empty", "lint", "error", "nothing would be seen of the rule's messages, so every one is rejected", "a rule without body_text, body_html and attachments", "add body_text or body_html"},
	{"lint.sent.missing", "lint", "error", "without sent_datetime Gorgias would mail the message, so every one is rejected", "a message rule without sent_datetime", "add sent_datetime: the field with the time"},
	{"lint.sent.constant", "lint", "warning", "messages get a made-up sent time", "sent_datetime: { const: 2024-01-01T00:00:00Z }", "name a field; without default such messages are rejected and listed"},
	{"lint.author.missing", "lint", "warning", "nothing says who wrote the messages, so they count as the customer's", "a rule without author, from_agent and internal", "add one of them"},
	{"lint.privacy", "lint", "warning", "a record without the field becomes a public message", "internal: { is: { public: false } }", "write { is: { public: { not: true } } }, so that absence means internal"},
	{"lint.status.gone", "lint", "warning", "tickets that are gone in the source, or whose status has no target, are imported", "deleted: closed in the table of statuses", "leave them out: skip: { deleted: { status: deleted } }"},
	{"lint.channel.internal", "lint", "warning", "the channel alone does not make a note", "channel: { const: internal-note }", "write internal: true, or a condition: it sets the channel, and that it is not public"},
	{"lint.channel.custom", "lint", "warning", "the channel is none of Gorgias's own words", "channel: { const: telegram }", "nothing, if the account has a custom channel of that slug"},
	{"lint.via.custom", "lint", "warning", "the via is none of Gorgias's own words", "via: { const: telegram }", "nothing, if the account knows it"},
	{"lint.ignore.used", "lint", "warning", "a field is in ignore and used as well", "ignore: [subject]", "remove it from ignore, where it has no effect"},
	{"lint.people.missing", "lint", "warning", "nothing says who works for the company, so messages of anyone but the customer are rejected", "no people: at all", "add people: { agents: [\"@your-domain.example\"] }"},
}

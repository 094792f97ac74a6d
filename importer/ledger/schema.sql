-- The ledger: what was tried and what came of it. Ids, fingerprints and times, no bodies.
-- Times are milliseconds since 1970, UTC.

create table about (
	name  text primary key,
	value text not null
) strict, without rowid;

-- What names a ticket and a message, per source. A mapping with other identity rules is refused.
create table source (
	name     text primary key,
	identity text not null,
	since    integer not null
) strict, without rowid;

-- Who holds the ledger. The lock file decides; this row only tells people.
create table lease (
	id    integer primary key check (id = 1),
	who   text not null,
	pid   integer not null,
	host  text not null,
	since integer not null
) strict;

create table run (
	id      integer primary key,
	started integer not null,
	ended   integer,
	version text not null,
	source  text not null,
	mapping text not null,
	counts  text not null default '',
	note    text not null default '',
	kind    text not null default 'import',     -- import, sync, retry, undo, verify
	who     text not null default '',           -- whose process it was
	host    text not null default '',
	pid     integer
) strict;

-- Files a sync has read, by content.
create table source_file (
	source text not null,
	name   text not null,
	sum    text not null,
	size   integer not null,
	run    integer not null,                    -- that read it last
	primary key (source, name)
) strict, without rowid;

create table ticket (
	id          integer primary key,
	key         text not null unique,
	external_id text,                           -- as sent, where it is not the key
	seq         integer not null,
	version     text not null,
	payload     blob not null,
	state       text not null check (state in ('planned','asking','doubt','made','done','refused','held','undone')),
	reason      text not null default '',
	note        text not null default '',
	target      integer,
	adopted     integer not null default 0,     -- found, not made: never undone
	generation  integer not null default 1,
	attempts    integer not null default 0,     -- the fence
	look        integer not null default 0,     -- look before creating
	next_look   integer,                        -- in doubt
	run         integer not null default 0,     -- that last planned or retried it
	done_run    integer,                        -- whose request completed it; 0: found complete
	wanted      text not null default '',       -- fields the source gives it, see importer.Fields
	wrote       text not null default '',       -- fields last written to the target; '' where that is not known
	writing     text not null default '',       -- fields that an update without an outcome may have written
	clash       text not null default '',       -- the wanted fields that were not written as people had changed the target's
	seen        integer,                        -- the target's updated_datetime after our last write; null: not known
	removed     integer,                        -- the run that no longer met it in the source
	shown       integer not null default 0,     -- the run that last met it in the source, also where nothing could be made of it
	conflict    text not null default '',       -- which fields of clash were not written and why, without their values
	settled     integer not null default 0      -- when a person has said that it stays as it is: held, undone or removed; 0: nobody has
) strict;
create index ticket_open on ticket(seq, id) where state in ('planned','made');
create index ticket_doubt on ticket(state, next_look) where state in ('asking','doubt');
create index ticket_external on ticket(external_id) where external_id is not null;

create table message (
	ticket    integer not null references ticket(id),
	id        text not null,                    -- as sent
	ord       integer not null,
	content   blob not null,
	size      integer not null,
	direction text not null check (direction in ('incoming','outgoing','internal')),
	target    integer,
	attempt   integer,                          -- the last that carried it
	run       integer,                          -- whose request stored it; 0: nobody's of this ledger
	elsewhere integer,                          -- the ticket that has it in the target: the source has merged them since
	edited    blob,                             -- content that the source has now, where it is not what was sent
	primary key (ticket, id)
) strict, without rowid;
create index message_edited on message(ticket) where edited is not null;

create table attempt (
	id         integer primary key,
	ticket     integer not null references ticket(id),
	n          integer not null,
	run        integer not null,
	kind       text not null check (kind in ('create','append')),
	messages   integer not null,
	body       blob not null,                   -- sha256
	asked      integer not null,
	answer     text,                            -- null: none was recorded
	answered   integer,
	note       text not null default '',
	looks      integer not null default 0,
	repeat     integer not null default 0,      -- a person asked to repeat it on evidence
	settled_at integer
) strict;
create unique index one_open on attempt(ticket) where settled_at is null;

-- Target tickets we took out: deleted, or put into the trash.
create table dead (
	target integer primary key,
	ticket integer not null references ticket(id)
) strict;

-- What a sweep met of tickets never tried.
create table sighting (
	ticket integer not null,
	target integer not null,
	primary key (ticket, target)
) strict, without rowid;

-- What an undo is about to take out of the target: written before its request, gone with its outcome.
create table undoing (
	ticket integer not null references ticket(id),
	run    integer not null,                    -- the undo's
	asked  integer not null,
	primary key (ticket)
) strict;

//! The table itself.

use super::Experiment;
use crate::{
    experiments::{
        abort, apart, database, drain, full, hot, kill, last_part, long_read, misset, outage, pair,
        panics, patience, poison, power, restore, slow, stuck, torn, walk,
    },
    need::Need::{FaultPoints, Kafka, Postgres, Root, Sqlite},
    site::Storage::{self, Apart, One, Processes},
};

macro_rules! run {
    ($run:path) => {
        |site, dose| Box::pin($run(site, dose))
    };
}

/// What most of them have in common.
const USUAL: Experiment = Experiment {
    id: "",
    alias: "",
    what: "",
    passes: "",
    needs: &[Sqlite],
    storage: One,
    n: (1, 1, "times"),
    seconds: (0, 0),
    fast: false,
    run: |_, _| Box::pin(async { anyhow::bail!("nothing is to be done") }),
};

/// In the order of the catalogue of faults.
pub static CATALOGUE: &[Experiment] = &[
    Experiment {
        id: "walk",
        what: "one repair after another, with contexts and the payment provider away",
        passes: "every step goes as it should",
        n: (1, 1, "walks"),
        fast: true,
        run: run!(walk::run),
        ..USUAL
    },
    Experiment {
        id: "F-01",
        alias: "abort",
        what: "abort between a commit and whoever would hear of it, at hit 1 to n",
        passes: "acknowledged and lost 0, done twice 0, everything told within 5 s of the restart",
        needs: &[Sqlite, FaultPoints],
        n: (200, 10, "hits"),
        run: run!(abort::run),
        ..USUAL
    },
    Experiment {
        id: "F-01/postgres",
        alias: "abort/postgres",
        what: "the same on PostgreSQL",
        passes: "the same, within 11 s: the leases of the one that died end first",
        needs: &[Postgres, FaultPoints],
        storage: Storage::Postgres,
        n: (50, 5, "hits"),
        run: run!(abort::run),
        ..USUAL
    },
    Experiment {
        id: "F-02",
        alias: "kill",
        what: "kill -9 at a random moment under load, again and again",
        passes: "acknowledged and lost 0, files sound, ready again within 2 s",
        n: (200, 5, "kills"),
        fast: true,
        run: run!(kill::run),
        ..USUAL
    },
    Experiment {
        id: "F-02/apart",
        alias: "kill/apart",
        what: "the same with a database for each context",
        passes: "the same",
        storage: Apart,
        n: (100, 3, "kills"),
        fast: true,
        run: run!(kill::run),
        ..USUAL
    },
    Experiment {
        id: "F-02/postgres",
        alias: "kill/postgres",
        what: "the same on PostgreSQL",
        passes: "acknowledged and lost 0, ready again within 2 s",
        needs: &[Postgres],
        storage: Storage::Postgres,
        n: (50, 3, "kills"),
        run: run!(kill::run),
        ..USUAL
    },
    Experiment {
        id: "F-02/processes",
        alias: "kill/processes",
        what: "kill -9 of one process after the other, where each context has one, behind the gateway",
        passes: "acknowledged and lost 0, done twice 0, all ready again within 5 s",
        storage: Processes,
        n: (60, 3, "kills"),
        run: run!(apart::kill),
        ..USUAL
    },
    Experiment {
        id: "F-02/kafka",
        alias: "kill/kafka",
        what: "the same, and they hear of each other over a broker",
        passes: "the same",
        needs: &[Sqlite, Kafka],
        storage: Processes,
        n: (60, 3, "kills"),
        run: run!(apart::kill_over_kafka),
        ..USUAL
    },
    Experiment {
        id: "F-07",
        alias: "outage",
        what: "each context but the first is away for a time, under load",
        passes: "what waits grows, the ledger adds up at every look, requests are always taken, all told within 10 s after",
        n: (4, 4, "contexts"),
        seconds: (5, 1),
        fast: true,
        run: run!(outage::run),
        ..USUAL
    },
    Experiment {
        id: "F-07/kafka",
        alias: "broker",
        what: "kill -9 of the broker in the middle of a load, again and again",
        passes: "acknowledged and lost 0, done twice 0, commands are taken without it, all told within 30 s",
        needs: &[Sqlite, Kafka],
        storage: Processes,
        n: (50_000, 3_000, "requests"),
        run: run!(apart::broker_killed),
        ..USUAL
    },
    Experiment {
        id: "F-09",
        alias: "power-loss",
        what: "power loss: unsynced sectors are lost or torn",
        passes: "acknowledged and lost 0, split 0, damaged 0",
        n: (400, 20, "seeds"),
        run: run!(power::loss),
        ..USUAL
    },
    Experiment {
        id: "F-10",
        alias: "torn",
        what: "the end of the log is cut off, or a bit of it is flipped",
        passes: "what is left is the database of an earlier moment, sound; the server goes on from there",
        n: (300, 20, "cuts, and as many flips"),
        run: run!(torn::run),
        ..USUAL
    },
    Experiment {
        id: "F-10/apart",
        alias: "torn/apart",
        what: "the log of one context is cut off, where each has a database of its own",
        passes: "refused with one line that says what is missing, or sound and going on",
        storage: Apart,
        n: (100, 8, "cuts"),
        fast: true,
        run: run!(torn::apart),
        ..USUAL
    },
    Experiment {
        id: "F-11",
        alias: "disk-errors",
        what: "the n-th write or flush of the disk fails",
        passes: "an error for whoever asked, nothing more is written; acknowledged and lost 0 after recovery",
        n: (400, 20, "places"),
        run: run!(power::failing),
        ..USUAL
    },
    Experiment {
        id: "F-12",
        alias: "full",
        what: "the disk is full, again and again",
        passes: "writes 503 with Retry-After, reads 200, not ready, alive; goes on within 5 s of room, without a restart",
        needs: &[Sqlite, Root],
        n: (5, 1, "times"),
        seconds: (5, 1),
        fast: true,
        run: run!(full::run),
        ..USUAL
    },
    Experiment {
        id: "F-13",
        alias: "database-down",
        what: "the database is crashed, and comes back",
        passes: "acknowledged and lost 0; goes on within 5 s of the database; at most twice the pool of connections in a second",
        needs: &[Postgres],
        storage: Storage::Postgres,
        n: (20, 2, "crashes"),
        seconds: (10, 1),
        run: run!(database::down),
        ..USUAL
    },
    Experiment {
        id: "F-14",
        alias: "database-hangs",
        what: "the database does not answer: a hole in the way, a stopped server",
        passes: "requests end with 503 within 2.5 s, memory is flat, goes on within 5 s",
        needs: &[Postgres],
        storage: Storage::Postgres,
        n: (4, 2, "times"),
        seconds: (30, 3),
        run: run!(database::hang),
        ..USUAL
    },
    Experiment {
        id: "F-14/way",
        alias: "database-way",
        what: "the way to the database is long, torn, or leads in one direction only",
        passes: "acknowledged and lost 0, goes on within 5 s",
        needs: &[Postgres],
        storage: Storage::Postgres,
        n: (12, 3, "times"),
        seconds: (2, 1),
        run: run!(database::way),
        ..USUAL
    },
    Experiment {
        id: "F-21",
        alias: "poison",
        what: "an event that nobody can read",
        passes: "the others lag at most 1 s; parked after 5 attempts with its reason; the alert counter shows it; the process lives",
        n: (200, 30, "cases after it"),
        fast: true,
        run: run!(poison::run),
        ..USUAL
    },
    Experiment {
        id: "F-22",
        alias: "replay",
        what: "what was parked is tried again: as it is, mended, and once more",
        passes: "each takes effect once, in the order of its case; a second time changes nothing",
        n: (1, 1, "replays"),
        run: run!(poison::replay),
        ..USUAL
    },
    Experiment {
        id: "F-23",
        alias: "no-answer",
        what: "a step never answers: the answers of the payment provider are lost, or come too late",
        passes: "never PAID meanwhile, shown to an operator, goes on after kill -9, each is charged once",
        n: (20, 4, "repairs"),
        seconds: (5, 1),
        fast: true,
        run: run!(patience::step),
        ..USUAL
    },
    Experiment {
        id: "F-24",
        alias: "compensation",
        what: "a compensation fails: a part cannot be put back",
        passes: "tried 5 times, then it waits for an operator, visibly; the part counts as held; mended and tried again it is done once",
        n: (1, 1, "parts"),
        fast: true,
        run: run!(patience::compensation),
        ..USUAL
    },
    Experiment {
        id: "F-25",
        alias: "hot",
        what: "50 at once give commands to one shelf",
        passes: "applied = accepted, repeated at most 3 times, versions without a gap",
        n: (10_000, 500, "commands"),
        fast: true,
        run: run!(hot::run),
        ..USUAL
    },
    Experiment {
        id: "F-25/postgres",
        alias: "hot/postgres",
        what: "the same on PostgreSQL",
        passes: "the same",
        needs: &[Postgres],
        storage: Storage::Postgres,
        n: (10_000, 300, "commands"),
        run: run!(hot::run),
        ..USUAL
    },
    Experiment {
        id: "F-25/last-part",
        alias: "last-part",
        what: "two engineers accept at the same instant, and there is one part",
        passes: "one has it, the other is told; nothing is held twice",
        n: (1_000, 100, "rounds"),
        fast: true,
        run: run!(last_part::run),
        ..USUAL
    },
    Experiment {
        id: "F-25/last-part-postgres",
        alias: "last-part/postgres",
        what: "the last part on PostgreSQL",
        passes: "the same",
        needs: &[Postgres],
        storage: Storage::Postgres,
        n: (1_000, 50, "rounds"),
        run: run!(last_part::run),
        ..USUAL
    },
    Experiment {
        id: "F-26",
        alias: "two-relays",
        what: "two processes on one database, and one is killed, in turns",
        passes: "done twice 0, the order of a case kept, the other takes over within 10 s",
        needs: &[Postgres],
        storage: Storage::Postgres,
        n: (20, 2, "kills"),
        run: run!(pair::kill),
        ..USUAL
    },
    Experiment {
        id: "F-27",
        alias: "stale",
        what: "one of two processes stands still for longer than its leases last, and goes on",
        passes: "nothing of the old one counts twice; the other takes over within 10 s; both live on",
        needs: &[Postgres],
        storage: Storage::Postgres,
        n: (4, 2, "times"),
        seconds: (20, 8),
        run: run!(pair::stale),
        ..USUAL
    },
    Experiment {
        id: "F-28",
        alias: "drain",
        what: "SIGTERM and start again under load",
        passes: "no request fails",
        n: (5, 1, "restarts"),
        fast: true,
        run: run!(drain::run),
        ..USUAL
    },
    Experiment {
        id: "F-28/rolling",
        alias: "rolling",
        what: "both of two processes are restarted in turns under load",
        passes: "no request fails",
        needs: &[Postgres],
        storage: Storage::Postgres,
        n: (3, 1, "restarts of each"),
        run: run!(pair::rolling),
        ..USUAL
    },
    Experiment {
        id: "F-28/gateway",
        alias: "rolling-gateway",
        what: "both of two processes are restarted in turns under load, behind the gateway",
        passes: "no request fails",
        needs: &[Postgres],
        storage: Storage::Postgres,
        n: (3, 1, "restarts of each"),
        run: run!(pair::rolling_behind_gateway),
        ..USUAL
    },
    Experiment {
        id: "F-30",
        alias: "slowloris",
        what: "connections that never become a conversation: silent, slow heads, slow bodies, slow readers",
        passes: "closed within 10 s (head) and 30 s (body); p99 of the others at most twice; descriptors within their limit",
        n: (2_000, 200, "connections"),
        seconds: (30, 3),
        run: run!(slow::slow),
        ..USUAL
    },
    Experiment {
        id: "F-31",
        alias: "flood",
        what: "connections as fast as they come, with and without descriptors for them",
        passes: "a cap is kept, and the others are answered all the while",
        n: (20_000, 2_000, "connections"),
        seconds: (10, 2),
        fast: true,
        run: run!(slow::flood),
        ..USUAL
    },
    Experiment {
        id: "F-33",
        alias: "long-read",
        what: "somebody reads for long while everyone writes",
        passes: "through the server the log stays below 64 MiB; beside it that is said; it is given back",
        n: (20, 10, "readers"),
        seconds: (60, 2),
        fast: true,
        run: run!(long_read::run),
        ..USUAL
    },
    Experiment {
        id: "F-35",
        alias: "misset",
        what: "wrong settings and data that cannot be used",
        passes: "each ends the start with one line and not with 0; whoever serves goes on",
        n: (1, 1, "times all"),
        fast: true,
        run: run!(misset::run),
        ..USUAL
    },
    Experiment {
        id: "F-38",
        alias: "backup",
        what: "copies while everyone works, each served",
        passes: "each is all of one moment, holds what was acknowledged before, and goes on by itself",
        n: (10, 2, "copies"),
        fast: true,
        run: run!(restore::run),
        ..USUAL
    },
    Experiment {
        id: "F-38/apart",
        alias: "backup/apart",
        what: "the same with a database for each context",
        passes: "the same",
        storage: Apart,
        n: (10, 2, "copies"),
        fast: true,
        run: run!(restore::run),
        ..USUAL
    },
    Experiment {
        id: "F-39/database",
        alias: "stuck",
        what: "somebody else holds the database, and liveness is watched",
        passes: "liveness ends nothing, reads 200, writes 503, goes on within 5 s",
        n: (30, 3, "silent probes"),
        seconds: (60, 7),
        run: run!(stuck::database),
        ..USUAL
    },
    Experiment {
        id: "F-39/process",
        alias: "frozen",
        what: "the process stands still, and liveness is watched",
        passes: "half as long as is patience: it lives; longer: it is ended once, and ready again within 2 s",
        n: (30, 3, "silent probes"),
        run: run!(stuck::process),
        ..USUAL
    },
    Experiment {
        id: "F-40",
        alias: "panic",
        what: "so many of 100 requests, questions and calls panic",
        passes: "the process lives, whoever asked gets 500 without particulars, acknowledged and lost 0",
        needs: &[Sqlite, FaultPoints],
        n: (1, 1, "of 100"),
        seconds: (30, 3),
        run: run!(panics::run),
        ..USUAL
    },
];

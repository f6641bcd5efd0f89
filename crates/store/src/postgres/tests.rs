use super::{Address, Session};
use crate::harness::{Cluster, START};
use crate::{Db, DbConfig, DbError, Listener, Sql, outbox};
use base::Ambient;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use tempfile::TempDir;

/// A server that takes nobody from the network without TLS and a password, and has a certificate
/// for `localhost` and for no address.
struct Server {
    cluster: Cluster,
    port: u16,
    /// The authority that signed it, and one that did not.
    authority: PathBuf,
    stranger: PathBuf,
    _folder: TempDir,
}

fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let (authority, key) = authority(folder.path(), "authority");
        let (stranger, _) = self::authority(folder.path(), "stranger");
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let settings = "-c listen_addresses=127.0.0.1 -c ssl=on -c password_encryption=scram-sha-256";
        let cluster = Cluster::start_with(port, settings, |data| {
            certificate(folder.path(), data, &authority, &key);
            let access = "local all all trust\nhostssl all all 127.0.0.1/32 scram-sha-256\n";
            std::fs::write(data.join("pg_hba.conf"), access).unwrap();
        });
        let password = "ALTER USER huiling PASSWORD 'geheim ?&@'";
        let mut session = Session::connect(&cluster.url("postgres")).unwrap();
        session.script("the test's password", password).unwrap();
        Server {
            cluster,
            port,
            authority,
            stranger,
            _folder: folder,
        }
    })
}

impl Server {
    fn address(&self, host: &str, rest: &str) -> String {
        let port = self.port;
        format!(
            "host={host} hostaddr=127.0.0.1 port={port} user=huiling password='geheim ?&@' dbname=postgres {rest}"
        )
    }

    fn open(&self, host: &str, rest: &str) -> Result<Db, DbError> {
        let config = DbConfig::postgres(self.address(host, rest));
        Db::open(&config, Ambient::seeded(START, 1))
    }
}

fn openssl(folder: &Path, arguments: &str) {
    let mut command = Command::new("openssl");
    command.args(arguments.split(' ')).current_dir(folder);
    let output = command
        .output()
        .expect("openssl is needed: install the package openssl");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "openssl {arguments}: {said}");
}

const KEY: &str = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";

fn authority(folder: &Path, name: &str) -> (PathBuf, PathBuf) {
    let made = format!("req -x509 {KEY} -keyout {name}.key -out {name}.pem -days 2 -subj /CN={name}");
    openssl(folder, &made);
    (
        folder.join(format!("{name}.pem")),
        folder.join(format!("{name}.key")),
    )
}

fn certificate(folder: &Path, data: &Path, authority: &Path, key: &Path) {
    let wanted = format!("req {KEY} -keyout server.key -out server.csr -subj /CN=127.0.0.1");
    openssl(folder, &wanted);
    std::fs::write(folder.join("names"), "subjectAltName=DNS:localhost\n").unwrap();
    let (authority, key) = (authority.display(), key.display());
    openssl(
        folder,
        &format!(
            "x509 -req -in server.csr -CA {authority} -CAkey {key} -CAcreateserial -days 2 -extfile names -out server.crt"
        ),
    );
    for file in ["server.key", "server.crt"] {
        let target = data.join(file);
        std::fs::copy(folder.join(file), &target).unwrap();
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        std::fs::set_permissions(target, mode).unwrap();
    }
}

fn is_encrypted(db: &Db) -> bool {
    let encrypted = Sql("SELECT CAST(ssl AS INT)::BIGINT FROM pg_stat_ssl WHERE pid = pg_backend_pid()");
    let answer: Result<i64, DbError> = db.write(move |tx| tx.query_one(&encrypted, &[], |row| row.int(0)));
    answer.unwrap() == 1
}

fn refusal(opened: Result<Db, DbError>) -> String {
    let error = opened.map(drop).unwrap_err();
    let text = crate::causes(&error);
    assert!(!text.contains("geheim"), "{text}");
    text
}

#[test]
fn a_checked_connection_is_encrypted_and_its_password_is_bound_to_it() {
    let server = server();
    let root = server.authority.display();
    // The server has to prove, by the password, that it is the one of this certificate.
    let db = server.open(
        "localhost",
        &format!("sslmode=verify-full sslrootcert={root} channel_binding=require"),
    );
    assert!(is_encrypted(&db.unwrap()));
    // A root says by itself that the connection is to be checked; a URL says the same.
    assert!(is_encrypted(
        &server
            .open("localhost", &format!("sslrootcert='{root}'"))
            .unwrap()
    ));
    let url = format!(
        "postgresql://huiling:geheim%20%3F%26%40@localhost:{}/postgres?sslmode=verify-full&hostaddr=127.0.0.1&sslrootcert={root}",
        server.port
    );
    let db = Db::open(&DbConfig::postgres(url), Ambient::seeded(START, 1)).unwrap();
    assert!(is_encrypted(&db));
}

#[test]
fn a_foreign_authority_is_refused_by_name() {
    let server = server();
    for mode in ["verify-full", "verify-ca", "require"] {
        let rest = format!("sslmode={mode} sslrootcert={}", server.stranger.display());
        let text = refusal(server.open("localhost", &rest));
        assert!(text.contains("signed by no root that we trust"), "{text}");
    }
    let text = refusal(server.open("localhost", "sslmode=verify-full"));
    assert!(text.contains("signed by no root that we trust"), "{text}");
}

#[test]
fn a_certificate_for_another_host_is_refused_unless_only_the_authority_is_checked() {
    let server = server();
    let root = server.authority.display();
    for mode in ["verify-full", "require"] {
        let text = refusal(server.open("127.0.0.1", &format!("sslmode={mode} sslrootcert={root}")));
        assert!(text.contains("certificate is for another host"), "{text}");
    }
    let db = server
        .open("127.0.0.1", &format!("sslmode=verify-ca sslrootcert={root}"))
        .unwrap();
    assert!(is_encrypted(&db));
}

#[test]
fn without_a_root_require_and_prefer_encrypt_and_disable_does_not() {
    let server = server();
    for rest in ["sslmode=require", "sslmode=prefer", ""] {
        assert!(is_encrypted(&server.open("localhost", rest).unwrap()), "{rest}");
    }
    let text = refusal(server.open("localhost", "sslmode=disable"));
    assert!(text.contains("no encryption"), "{text}");
    // A socket is never encrypted, whatever is asked for: as libpq has it.
    let socket = format!("{} sslmode=require", server.cluster.url("postgres"));
    let db = Db::open(&DbConfig::postgres(socket), Ambient::seeded(START, 1)).unwrap();
    assert!(!is_encrypted(&db));
}

#[test]
fn a_server_without_tls_is_used_by_prefer_and_refused_by_require() {
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let _plain = Cluster::start_with(port, "-c listen_addresses=127.0.0.1", |_| ());
    let open = |mode: &str| {
        let url = format!("postgres://huiling@localhost:{port}/postgres?sslmode={mode}&hostaddr=127.0.0.1");
        Db::open(&DbConfig::postgres(url), Ambient::seeded(START, 1))
    };
    assert!(!is_encrypted(&open("prefer").unwrap()));
    let text = refusal(open("require"));
    assert!(text.contains("set ssl = on there"), "{text}");
}

#[test]
fn what_contradicts_itself_or_cannot_be_read_is_refused_with_the_remedy() {
    let refused = |rest: &str| {
        let address = Address::parse(&format!("host=db.example password='a=b \\' geheim' {rest}"));
        let tls = address.and_then(|address| address.tls());
        refusal(tls.map(|_| unreachable!("{rest} is taken")))
    };
    assert!(refused("sslmode=allow").contains("must be disable, prefer, require, verify-ca or verify-full"));
    assert!(refused("sslmode=verify-ca").contains("needs sslrootcert"));
    assert!(refused("sslmode=prefer sslrootcert=/x").contains("say sslmode=verify-full"));
    assert!(refused("sslmode=verify-full sslrootcert=/nowhere/ca.pem").contains("/nowhere/ca.pem"));
    assert!(refused("sslcert=/x").contains("sslcert"));
}

#[test]
fn an_operator_is_told_of_a_connection_that_others_can_read_or_answer() {
    let weak = |url: &str| Address::parse(url).unwrap().weakness();
    assert!(
        weak("host=db.example")
            .unwrap()
            .contains("only if the server offers it")
    );
    assert!(
        weak("postgres://db.example/x?sslmode=disable")
            .unwrap()
            .contains("not encrypted")
    );
    assert!(
        weak("host=db.example sslmode=require")
            .unwrap()
            .contains("nobody checks")
    );
    assert_eq!(weak("host=db.example sslmode=verify-full"), None);
    assert_eq!(weak("host=/run/postgresql"), None);
    assert_eq!(weak("postgres://localhost/x"), None);
}

/// Two nodes on one database.
fn nodes() -> (Db, Db) {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let name = format!("nodes_{}", NEXT.fetch_add(1, Ordering::SeqCst));
    let config = DbConfig::postgres(Cluster::shared().create_database(&name));
    let open = || Db::open(&config, Ambient::seeded(START, 1)).unwrap();
    (open(), open())
}

fn commit(db: &Db, signals: &'static [&'static str]) {
    let done: Result<(), DbError> = db.write(move |tx| {
        signals.iter().for_each(|signal| tx.wake(signal));
        Ok(())
    });
    done.unwrap();
}

/// Commits on one node until the other has heard of it: a hint may be lost, and the first ones come
/// before anybody listens.
fn until_heard(from: &Db, signal: &'static [&'static str], listener: &mut Listener) {
    for _ in 0..300 {
        commit(from, signal);
        if listener.wait(100) {
            return;
        }
    }
    panic!("{signal:?} was not heard");
}

#[test]
fn what_one_node_commits_another_hears_of_at_once() {
    let (here, there) = nodes();
    let (mut heard, mut outbox) = (
        there.signal("rung").listen(),
        there.signal(outbox::SIGNAL).listen(),
    );
    until_heard(&here, &["rung", outbox::SIGNAL], &mut heard);
    // Events are for the node that wrote them.
    assert!(!outbox.wait(0));
}

#[test]
fn a_node_is_not_told_of_its_own_commits_twice() {
    let (here, there) = nodes();
    let (mut own, mut other) = (here.signal("own").listen(), here.signal("other").listen());
    until_heard(&there, &["other"], &mut other);
    own.wait(0);
    commit(&here, &["own"]);
    assert!(own.wait(0));
    let mut heard = there.signal("own").listen();
    until_heard(&here, &["own"], &mut heard);
    while own.wait(0) {}
    // Hints come in their order: after this one, none of our own is still under way.
    until_heard(&there, &["other"], &mut other);
    assert!(!own.wait(0));
}

#[test]
fn nodes_hear_of_each_other_again_after_every_connection_was_lost() {
    let (here, there) = nodes();
    let mut heard = there.signal("rung").listen();
    until_heard(&here, &["rung"], &mut heard);
    let drop_all = Sql("SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()");
    let dropped: Result<Vec<()>, DbError> = here.write(move |tx| tx.query(&drop_all, &[], |_| Ok(())));
    dropped.unwrap();
    // What was told on the lost connections may still be heard: more than once is on new ones.
    for _ in 0..3 {
        until_heard(&here, &["rung"], &mut heard);
    }
}

use ::postgres::{Client, NoTls};
use base::Ticker;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;
use tempfile::TempDir;

/// A private PostgreSQL cluster with its default durability, reached by a socket in its folder.
pub struct Cluster {
    folder: TempDir,
    port: u16,
    /// Its standard input ties the server's life to this program's.
    _keeper: Child,
}

impl Cluster {
    /// The one cluster of this test program.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Cluster> = OnceLock::new();
        SHARED.get_or_init(Self::start)
    }

    /// # Panics
    /// When PostgreSQL is not installed or does not start: a test that needs it must not be skipped.
    pub fn start() -> Self {
        Self::start_with(5432, "", |_| ())
    }

    /// With settings of one's own (`-c name=value`); what `prepare` leaves in the data's folder
    /// belongs to the server.
    ///
    /// # Panics
    /// As [`Cluster::start`].
    pub fn start_with(port: u16, settings: &str, prepare: impl FnOnce(&Path)) -> Self {
        let folder = tempfile::Builder::new()
            .prefix("huiling-pg")
            .tempdir()
            .expect("a folder");
        let bin = server_programs();
        let data = folder.path().join("data");
        own(folder.path());
        run_as_server(&format!(
            "{}/initdb -D {} -U huiling -A trust -E UTF8 --locale=C",
            bin.display(),
            data.display()
        ));
        prepare(&data);
        own(&data);
        // The folder of a cluster that lives as long as its program is removed here, by nobody else.
        // The shared cluster is never dropped, and a test may be killed: the keeper clears up after them.
        let serve = format!(
            "{}/postgres -D {} -k {folder} -c listen_addresses= -c port={port} -c max_connections=300 -c fsync=on \
             -c synchronous_commit=on {settings} & \
             server=$!; read -r _; kill -INT $server; wait $server; rm -rf {folder}",
            bin.display(),
            data.display(),
            folder = folder.path().display()
        );
        let keeper = server_command(&serve)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("PostgreSQL starts");
        let cluster = Self {
            folder,
            port,
            _keeper: keeper,
        };
        cluster.wait_until_ready();
        cluster
    }

    pub fn create_database(&self, name: &str) -> String {
        let statement = format!("CREATE DATABASE {name}");
        self.client("postgres")
            .expect("the cluster answers")
            .batch_execute(&statement)
            .expect("a database");
        self.url(name)
    }

    pub fn url(&self, database: &str) -> String {
        format!(
            "host={} port={} user=huiling dbname={database}",
            self.folder.path().display(),
            self.port
        )
    }

    /// The folder of its socket.
    pub fn socket_folder(&self) -> &Path {
        self.folder.path()
    }

    fn client(&self, database: &str) -> Result<Client, ::postgres::Error> {
        Client::connect(&self.url(database), NoTls)
    }

    fn wait_until_ready(&self) {
        let mut ticker = Ticker::new(Duration::from_millis(100));
        for _ in 0..600 {
            if self.client("postgres").is_ok() {
                return;
            }
            ticker.wait();
        }
        panic!("PostgreSQL did not answer within a minute");
    }
}

/// The folder of `initdb` and `postgres`, which Debian keeps off the path.
pub fn server_programs() -> PathBuf {
    let debian = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten();
    let folders = debian.map(|version| version.path().join("bin"));
    let on_path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = folders.chain(std::env::split_paths(&on_path)).collect();
    folders.retain(|folder| folder.join("initdb").exists() && folder.join("postgres").exists());
    folders
        .into_iter()
        .next()
        .expect("PostgreSQL is needed: install the package postgresql")
}

/// PostgreSQL refuses to run as root; then it runs as the user that its package made.
fn server_command(script: &str) -> Command {
    if is_root() {
        let mut command = Command::new("setpriv");
        command.args([
            "--reuid=postgres",
            "--regid=postgres",
            "--clear-groups",
            "sh",
            "-c",
            script,
        ]);
        command.current_dir("/");
        command
    } else {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }
}

fn run_as_server(script: &str) {
    let output = server_command(script).output().expect("a shell");
    assert!(
        output.status.success(),
        "{script}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}

fn own(folder: &Path) {
    if is_root() {
        let owned = Command::new("chown")
            .args(["-R", "postgres"])
            .arg(folder)
            .status()
            .expect("chown");
        assert!(
            owned.success(),
            "the cluster's folder belongs to the user postgres"
        );
    }
}

fn is_root() -> bool {
    Command::new("id")
        .arg("-u")
        .output()
        .is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

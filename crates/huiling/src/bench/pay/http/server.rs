use super::super::world::ClosedWorld;
use crate::error::HuilingError;
use base::Ticker;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use store::DbConfig;

/// Of a database that lives as long as a row.
pub const MASTER_KEY: &str = "42656e6368206b65792c206e657665722075736564206f746865727769736521";
const START_TRIES: u32 = 600;
const TRY_EVERY: Duration = Duration::from_millis(50);

/// `huiling serve` on the bench's database.
pub struct Server {
    child: Child,
    address: SocketAddr,
}

impl Server {
    /// Starts it and waits until it takes connections.
    pub fn start(world: &ClosedWorld) -> Result<Self, HuilingError> {
        let address = TcpListener::bind("127.0.0.1:0")
            .and_then(|listener| listener.local_addr())
            .map_err(HuilingError::io("finding a free port"))?;
        let program = std::env::current_exe().map_err(HuilingError::io("finding this program"))?;
        let url = match &world.config {
            DbConfig::Postgres { url, .. } => url.as_str(),
            DbConfig::Sqlite(_) => "",
        };
        let child = Command::new(program)
            .arg("serve")
            .current_dir(world.own_folder())
            .env("HUILING_SERVER_BIND", address.to_string())
            .env("HUILING_SERVER_PUBLIC_URL", format!("http://{address}"))
            .env("HUILING_SERVER_LOG", "warn")
            .env("HUILING_STORE_FOLDER", world.own_folder())
            .env("HUILING_STORE_POSTGRES_URL", url)
            .env("HUILING_KEYS_MASTER_KEY", MASTER_KEY)
            .env("HUILING_PHONE_ENABLED", "false")
            .stdout(Stdio::null())
            .spawn()
            .map_err(HuilingError::io("starting the server under test"))?;
        let mut server = Self { child, address };
        server.wait()?;
        Ok(server)
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Ends it; what it acknowledged is on disk already.
    pub fn stop(mut self) -> Result<(), HuilingError> {
        self.child
            .kill()
            .map_err(HuilingError::io("stopping the server under test"))?;
        self.child
            .wait()
            .map(drop)
            .map_err(HuilingError::io("waiting for the server under test"))
    }

    fn wait(&mut self) -> Result<(), HuilingError> {
        let mut ticker = Ticker::new(TRY_EVERY);
        for _ in 0..START_TRIES {
            if TcpStream::connect(self.address).is_ok() {
                return Ok(());
            }
            let ended = self.child.try_wait();
            if let Some(status) = ended.map_err(HuilingError::io("watching the server under test"))? {
                return Err(HuilingError::Unusable(format!(
                    "the server under test ended: {status}"
                )));
            }
            ticker.wait();
        }
        Err(HuilingError::Unusable(
            "the server under test takes no connections".into(),
        ))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

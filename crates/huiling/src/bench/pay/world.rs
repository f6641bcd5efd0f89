use super::{Case, EngineName};
use crate::error::HuilingError;
use crate::operate::DATABASE_FILE;
use crate::wiring::rooms;
use base::Ambient;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use store::harness::Cluster;
use store::{Db, DbConfig};

/// A database of its own for one row, with its accounts; removed afterwards.
pub struct World {
    pub case: Case,
    pub db: Db,
    pub config: DbConfig,
    place: Place,
}

/// The same while another process works on the database.
pub struct ClosedWorld {
    pub case: Case,
    pub config: DbConfig,
    place: Place,
}

/// Where the files are.
struct Place {
    folder: PathBuf,
    cluster: Option<Cluster>,
}

impl World {
    pub fn open(case: Case, parent: &Path) -> Result<Self, HuilingError> {
        let folder = parent.join(format!("huiling-bench-{}", std::process::id()));
        let folder = std::path::absolute(folder).map_err(HuilingError::io("naming the bench's folder"))?;
        std::fs::create_dir_all(&folder).map_err(HuilingError::io("making the bench's folder"))?;
        let (config, cluster) = match case.engine {
            EngineName::Sqlite => (DbConfig::sqlite(folder.join(DATABASE_FILE)), None),
            EngineName::Postgres => {
                let cluster = cluster()?;
                (
                    DbConfig::postgres(cluster.create_database("bench")),
                    Some(cluster),
                )
            }
        };
        let db = Db::open(&config, Ambient::system())?;
        db.migrate(&rooms::migrations())?;
        money::bench_world(&db, case.accounts)?;
        Ok(Self {
            case,
            db,
            config,
            place: Place { folder, cluster },
        })
    }

    /// Where the database's files are.
    pub fn folder(&self) -> &Path {
        self.place.database_folder()
    }

    /// Closes the database.
    pub fn closed(self) -> ClosedWorld {
        ClosedWorld {
            case: self.case,
            config: self.config,
            place: self.place,
        }
    }
}

impl ClosedWorld {
    /// Where the bench's own files are.
    pub fn own_folder(&self) -> &Path {
        &self.place.folder
    }

    /// Where the database's files are.
    pub fn folder(&self) -> &Path {
        self.place.database_folder()
    }
}

impl Place {
    fn database_folder(&self) -> &Path {
        self.cluster
            .as_ref()
            .map_or(self.folder.as_path(), |cluster| cluster.socket_folder())
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.folder) {
            tracing::warn!(%error, folder = %self.folder.display(), "the bench's folder stays");
        }
    }
}

/// A private PostgreSQL; the harness panics with the reason when there is none.
pub fn cluster() -> Result<Cluster, HuilingError> {
    catch_unwind(AssertUnwindSafe(Cluster::start)).map_err(|_| {
        let text = "PostgreSQL does not start; install the package postgresql, or use --engine sqlite";
        HuilingError::Unusable(text.into())
    })
}

//! The test app and the servers around it.

pub(crate) mod app;
pub(crate) mod browser;
pub(crate) mod chance;
pub(crate) mod database;
pub(crate) mod faulty;
pub(crate) mod folder;
pub(crate) mod outings;
pub(crate) mod page;
pub(crate) mod pdf;
pub(crate) mod power;
pub(crate) mod process;
pub(crate) mod proxy;
pub(crate) mod registry;
pub(crate) mod smtp;
pub(crate) mod tls;
pub(crate) mod wire;

pub(crate) use app::{App, Order, days, hours};
pub(crate) use database::Database;

/// Tells a story on SQLite and on PostgreSQL: two tests, one body.
macro_rules! stories {
    ($($(#[$doc:meta])* async fn $name:ident($app:ident: App) $body:block)+) => {
        $($(#[$doc])*
        mod $name {
            use super::*;

            async fn told($app: &mut App) -> anyhow::Result<()> $body

            #[tokio::test]
            async fn on_sqlite() -> anyhow::Result<()> {
                let mut app = App::on(Database::sqlite()?).await?;
                told(&mut app).await?;
                app.finish().await
            }

            #[tokio::test]
            async fn on_postgres() -> anyhow::Result<()> {
                let mut app = App::on(Database::postgres().await?).await?;
                told(&mut app).await?;
                app.finish().await
            }
        })+
    };
}
pub(crate) use stories;

//! Pages as a browser without scripts sees them: status, text, and forms to be sent.

use anyhow::{Context, Result};

/// An answer with a page.
#[derive(Debug, Clone)]
pub(crate) struct Page {
    pub(crate) status: u16,
    pub(crate) html: String,
}

impl Page {
    pub(crate) async fn read(response: reqwest::Response) -> Result<Self> {
        let status = response.status().as_u16();
        Ok(Self { status, html: response.text().await? })
    }

    /// What stands on it, without tags, white space folded.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        let mut inside = false;
        for letter in self.html.chars() {
            match letter {
                '<' => inside = true,
                '>' => {
                    inside = false;
                    text.push(' ');
                }
                letter if !inside => text.push(letter),
                _ => {}
            }
        }
        let text = text.replace("&#39;", "'").replace("&quot;", "\"").replace("&amp;", "&");
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The nonce of its form.
    pub(crate) fn nonce(&self) -> Result<String> {
        let rest = self
            .html
            .split("name=\"nonce\" value=\"")
            .nth(1)
            .with_context(|| format!("there is no form: {}", self.text()))?;
        Ok(rest.split('"').next().unwrap_or_default().to_owned())
    }

    /// The decisions that it offers.
    pub(crate) fn decisions(&self) -> Vec<String> {
        let parts = self.html.split("name=\"decision\" value=\"").skip(1);
        parts.filter_map(|part| part.split('"').next()).map(str::to_owned).collect()
    }

    /// What the fields of its form hold at first: name and value.
    pub(crate) fn fields(&self) -> Vec<(String, String)> {
        let inputs = self.html.split("<input").skip(1).filter_map(|part| {
            let tag = part.split('>').next()?;
            let attribute = |name: &str| Some(tag.split(&format!("{name}=\"")).nth(1)?.split('"').next()?.to_owned());
            Some((attribute("name")?, attribute(" value").unwrap_or_default()))
        });
        let areas = self.html.split("<textarea").skip(1).filter_map(|part| {
            let (tag, rest) = part.split_once('>')?;
            let name = tag.split("name=\"").nth(1)?.split('"').next()?.to_owned();
            Some((name, rest.split("</textarea>").next()?.trim_start_matches('\n').to_owned()))
        });
        inputs.chain(areas).filter(|(name, _)| name.starts_with("form.")).collect()
    }
}

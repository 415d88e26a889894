//! Writes sample orders as PDF files into a folder, with fallback fonts if any are given:
//! `cargo run -p purchasing --example order_pdf -- FOLDER [FONT...]`.

use std::{error::Error, path::Path, time::Instant};

use purchasing::document::{
    Faces, OrderDocument, render_with_report,
    sample::{sample, sample_draft, sample_scripts},
};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().unwrap_or_else(|| ".".to_owned());
    let started = Instant::now();
    let mut faces = Faces::shipped()?;
    for font in arguments {
        faces = faces.with_fallback(&std::fs::read(font)?)?;
    }
    eprintln!("fonts parsed in {:?}", started.elapsed());
    let write = |name: &str, order: &OrderDocument| write(Path::new(&folder), name, order, &faces);
    write("order-3.pdf", &sample(3))?;
    write("order-40.pdf", &sample(40))?;
    write("order-60.pdf", &sample(60))?;
    write("draft-3.pdf", &sample_draft(3))?;
    write("scripts.pdf", &sample_scripts())
}

fn write(folder: &Path, name: &str, order: &OrderDocument, faces: &Faces) -> Result<(), Box<dyn Error>> {
    let started = Instant::now();
    let rendered = render_with_report(order, faces)?;
    let taken = started.elapsed();
    eprintln!(
        "{name}: {} pages, {} bytes, {taken:?}, missing {:?}",
        rendered.pages,
        rendered.pdf.len(),
        rendered.missing
    );
    std::fs::write(folder.join(name), rendered.pdf)?;
    Ok(())
}

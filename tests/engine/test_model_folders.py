from pathlib import Path

from nodegraph.engine.files import Files


def test_folders_of_other_programs_hold_the_same_kinds(tmp_path: Path) -> None:
    kept = {"unet": "a", "diffusion_models": "b", "clip": "c", "Lora": "d", "Stable-diffusion": "e"}
    for folder, name in kept.items():
        (tmp_path / folder).mkdir()
        (tmp_path / folder / f"{name}.safetensors").write_text(name)
    files = Files(tmp_path / "data", tmp_path / "out", [], [tmp_path])
    assert files.models("diffusion_models") == ["a.safetensors", "b.safetensors"]
    assert files.models("text_encoders") == ["c.safetensors"]
    assert files.model("loras", "d.safetensors").read_text() == "d"
    assert files.models("checkpoints") == ["e.safetensors"]
    kinds = ["checkpoints", "diffusion_models", "loras", "text_encoders"]
    assert files.model_kinds() == kinds


def test_the_usual_folder_comes_first(tmp_path: Path) -> None:
    for folder in ("clip", "text_encoders"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "same.safetensors").write_text(folder)
    files = Files(tmp_path / "data", tmp_path / "out", [], [tmp_path])
    assert files.model("text_encoders", "same.safetensors").read_text() == "text_encoders"

"""ComfyUI's names, and where its nodes differ from ours.

Which of our types a name means is the registry's to say: `@node(aliases=...)` declares other
names, and every pack may. This is the other half: the class names that ComfyUI itself has, so
that the way back is known, and what its nodes take that ours do not, or the reverse.
"""

from __future__ import annotations

from collections.abc import Mapping

from nodegraph.graph.node_type import NodeType

__all__ = ["COMFY_CLASSES", "IGNORED", "OWN", "VIRTUAL", "WIDGETS", "comfy_name"]

_NAMES = """
AddNoise AlignYourStepsScheduler BasicGuider BasicScheduler BetaSamplingScheduler
CFGGuider CFGZeroStar CLIPLoader CLIPMergeSimple CLIPSetLastLayer CLIPTextEncode
CLIPTextEncodeFlux CLIPTextEncodeSDXL CLIPTextEncodeSDXLRefiner CLIPVisionEncode
CLIPVisionLoader Canny CheckpointLoader CheckpointLoaderSimple CheckpointSave
ComfySwitchNode ConditioningAverage ConditioningCombine ConditioningConcat
ConditioningSetArea ConditioningSetAreaPercentage ConditioningSetAreaStrength
ConditioningSetMask ConditioningSetTimestepRange ConditioningZeroOut ControlNetApply
ControlNetApplyAdvanced ControlNetLoader CropMask DiffControlNetLoader DiffusersLoader
DifferentialDiffusion DisableNoise DualCFGGuider DualCLIPLoader EmptyImage
EmptyLatentImage EmptySD3LatentImage ExponentialScheduler FeatherMask FlipSigmas
FluxGuidance FreeU FreeU_V2 GLIGENLoader GLIGENTextBoxApply GrowMask HyperTile
HypernetworkLoader ImageAddNoise ImageBatch ImageBlend ImageBlur ImageColorToMask
ImageCompositeMasked ImageCrop ImageFromBatch ImageInvert ImageOnlyCheckpointLoader
ImagePadForOutpaint ImageQuantize ImageScale ImageScaleBy ImageScaleToTotalPixels
ImageSharpen ImageToMask ImageUpscaleWithModel InpaintModelConditioning InvertMask
JoinImageWithAlpha KSampler KSamplerAdvanced KSamplerSelect KarrasScheduler
LaplaceScheduler LatentAdd LatentBatch LatentBatchSeedBehavior LatentBlend
LatentComposite LatentCompositeMasked LatentCrop LatentFlip LatentFromBatch
LatentInterpolate LatentMultiply LatentRotate LatentSubtract LatentUpscale
LatentUpscaleBy LoadImage LoadImageMask LoadImageOutput LoadLatent LoraLoader
LoraLoaderModelOnly MaskComposite MaskPreview MaskToImage ModelMergeAdd
ModelMergeBlocks ModelMergeSimple ModelMergeSubtract ModelSamplingContinuousEDM
ModelSamplingContinuousV ModelSamplingDiscrete ModelSamplingFlux ModelSamplingSD3
PatchModelAddDownscale PerpNeg PerpNegGuider PerturbedAttentionGuidance
PolyexponentialScheduler PorterDuffImageComposite PreviewAny PreviewImage
PrimitiveBoolean PrimitiveFloat PrimitiveInt PrimitiveString PrimitiveStringMultiline
QuadrupleCLIPLoader RandomNoise RebatchImages RebatchLatents RepeatImageBatch
RepeatLatentBatch RescaleCFG SDTurboScheduler SamplerCustom SamplerCustomAdvanced
SamplerDPMPP_2M_SDE SamplerDPMPP_3M_SDE SamplerDPMPP_SDE SamplerDPMAdaptative
SamplerEulerAncestral SamplerLMS SaveAnimatedPNG SaveAnimatedWEBP SaveImage SaveLatent
SelfAttentionGuidance SetLatentNoiseMask SkipLayerGuidanceDiT SolidMask SplitImageWithAlpha
SplitSigmas SplitSigmasDenoise StringConcatenate StringContains StringLength StringReplace
StringSubstring StringTrim StyleModelApply StyleModelLoader ThresholdMask TomePatchModel
TripleCLIPLoader UNETLoader UpscaleModelLoader VAEDecode VAEDecodeTiled VAEEncode
VAEEncodeForInpaint VAEEncodeTiled VAELoader VAESave VPScheduler unCLIPCheckpointLoader
unCLIPConditioning
"""

COMFY_CLASSES = frozenset(_NAMES.split())
"""Class names of ComfyUI's own nodes: what they take is known, so extra inputs are leftovers."""

VIRTUAL = frozenset({"Reroute", "PrimitiveNode", "Note", "MarkdownNote"})
"""Types of its editor that never reach its server."""

_TILES = ("temporal_size", "temporal_overlap")

IGNORED: Mapping[str, tuple[str, ...]] = {
    "LoadImage": ("upload", "choose file to upload"),
    "VAEDecodeTiled": _TILES,
    "VAEEncodeTiled": _TILES,
}
"""Inputs of ComfyUI's nodes without a meaning here: buttons, and settings for video."""

WIDGETS: Mapping[str, tuple[str, ...]] = {
    "VAEDecodeTiled": ("tile_size", "overlap", *_TILES),
    "VAEEncodeTiled": ("tile_size", "overlap", *_TILES),
}
"""The order of widgets where it is not that of our literal inputs."""

OWN: Mapping[str, tuple[str, ...]] = {
    "LatentComposite": ("pixels_per_cell",),
    "LatentCompositeMasked": ("pixels_per_cell",),
    "LatentUpscale": ("pixels_per_cell",),
    "LoadImage": ("frames",),
    "LoadLatent": ("scaling_factor",),
    "SaveImage": ("format", "quality", "lossless"),
}
"""Inputs of ours that ComfyUI's node of that class does not have."""


def comfy_name(node_type: NodeType) -> str:
    """The class name to export a type under: ComfyUI's if it has one for it."""
    names = (node_type.name, *node_type.aliases)
    return next((name for name in names if name in COMFY_CLASSES), node_type.name)

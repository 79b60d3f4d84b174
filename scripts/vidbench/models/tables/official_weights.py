"""torchvision's official weights and the input they were trained on: the workflow imports no torch.

Made by `make docs` (tests/tools/describe_weights.py); vidbench/models/torchvision_weights.py reads it.
"""

BASE = "https://download.pytorch.org/models/"

# Mean and standard deviation of red, green and blue, for values in [0, 1].
NORMALISATIONS = {
    "imagenet": ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
    "kinetics": ([0.43216, 0.394666, 0.37645], [0.22803, 0.22145, 0.216989]),
    "grey": ([0.45, 0.45, 0.45], [0.225, 0.225, 0.225]),
    "half": ([0.5, 0.5, 0.5], [0.5, 0.5, 0.5]),
    "caffe": ([0.48235, 0.45882, 0.40784], [0.00392156862745098, 0.00392156862745098, 0.00392156862745098]),
}

# Network, weights, file, normalisation, pixels of the square crop, pixels that the short side is scaled to before it
# (or height x width), interpolation, fewest frames that torchvision's network takes, and what DEFAULT stands for.
TABLE = """\
r3d_18 KINETICS400_V1 r3d_18-b3b3357e.pth kinetics 112 128x171 bilinear 1 DEFAULT
mc3_18 KINETICS400_V1 mc3_18-a90a0ba3.pth kinetics 112 128x171 bilinear 1 DEFAULT
r2plus1d_18 KINETICS400_V1 r2plus1d_18-91a641e6.pth kinetics 112 128x171 bilinear 1 DEFAULT
s3d KINETICS400_V1 s3d-d76dad2f.pth kinetics 224 256 bilinear 14 DEFAULT
mvit_v1_b KINETICS400_V1 mvit_v1_b-dbeb1030.pth grey 224 256 bilinear 16 DEFAULT
mvit_v2_s KINETICS400_V1 mvit_v2_s-ae3be167.pth grey 224 256 bilinear 16 DEFAULT
swin3d_t KINETICS400_V1 swin3d_t-7615ae03.pth imagenet 224 256 bilinear 1 DEFAULT
swin3d_s KINETICS400_V1 swin3d_s-da41c237.pth imagenet 224 256 bilinear 1 DEFAULT
swin3d_b KINETICS400_V1 swin3d_b_1k-24f7c7c6.pth imagenet 224 256 bilinear 1 DEFAULT
swin3d_b KINETICS400_IMAGENET22K_V1 swin3d_b_22k-7c6ae6fa.pth imagenet 224 256 bilinear 1 -
alexnet IMAGENET1K_V1 alexnet-owt-7be5be79.pth imagenet 224 256 bilinear 1 DEFAULT
convnext_base IMAGENET1K_V1 convnext_base-6075fbad.pth imagenet 224 232 bilinear 1 DEFAULT
convnext_large IMAGENET1K_V1 convnext_large-ea097f82.pth imagenet 224 232 bilinear 1 DEFAULT
convnext_small IMAGENET1K_V1 convnext_small-0c510722.pth imagenet 224 230 bilinear 1 DEFAULT
convnext_tiny IMAGENET1K_V1 convnext_tiny-983f1562.pth imagenet 224 236 bilinear 1 DEFAULT
densenet121 IMAGENET1K_V1 densenet121-a639ec97.pth imagenet 224 256 bilinear 1 DEFAULT
densenet161 IMAGENET1K_V1 densenet161-8d451a50.pth imagenet 224 256 bilinear 1 DEFAULT
densenet169 IMAGENET1K_V1 densenet169-b2777c0a.pth imagenet 224 256 bilinear 1 DEFAULT
densenet201 IMAGENET1K_V1 densenet201-c1103571.pth imagenet 224 256 bilinear 1 DEFAULT
efficientnet_b0 IMAGENET1K_V1 efficientnet_b0_rwightman-7f5810bc.pth imagenet 224 256 bicubic 1 DEFAULT
efficientnet_b1 IMAGENET1K_V1 efficientnet_b1_rwightman-bac287d4.pth imagenet 240 256 bicubic 1 -
efficientnet_b1 IMAGENET1K_V2 efficientnet_b1-c27df63c.pth imagenet 240 255 bilinear 1 DEFAULT
efficientnet_b2 IMAGENET1K_V1 efficientnet_b2_rwightman-c35c1473.pth imagenet 288 288 bicubic 1 DEFAULT
efficientnet_b3 IMAGENET1K_V1 efficientnet_b3_rwightman-b3899882.pth imagenet 300 320 bicubic 1 DEFAULT
efficientnet_b4 IMAGENET1K_V1 efficientnet_b4_rwightman-23ab8bcd.pth imagenet 380 384 bicubic 1 DEFAULT
efficientnet_b5 IMAGENET1K_V1 efficientnet_b5_lukemelas-1a07897c.pth imagenet 456 456 bicubic 1 DEFAULT
efficientnet_b6 IMAGENET1K_V1 efficientnet_b6_lukemelas-24a108a5.pth imagenet 528 528 bicubic 1 DEFAULT
efficientnet_b7 IMAGENET1K_V1 efficientnet_b7_lukemelas-c5b4e57e.pth imagenet 600 600 bicubic 1 DEFAULT
efficientnet_v2_l IMAGENET1K_V1 efficientnet_v2_l-59c71312.pth half 480 480 bicubic 1 DEFAULT
efficientnet_v2_m IMAGENET1K_V1 efficientnet_v2_m-dc08266a.pth imagenet 480 480 bilinear 1 DEFAULT
efficientnet_v2_s IMAGENET1K_V1 efficientnet_v2_s-dd5fe13b.pth imagenet 384 384 bilinear 1 DEFAULT
googlenet IMAGENET1K_V1 googlenet-1378be20.pth half 224 256 bilinear 1 DEFAULT
inception_v3 IMAGENET1K_V1 inception_v3_google-0cc3c7bd.pth half 299 342 bilinear 1 DEFAULT
maxvit_t IMAGENET1K_V1 maxvit_t-bc5ab103.pth imagenet 224 224 bicubic 1 DEFAULT
mnasnet0_5 IMAGENET1K_V1 mnasnet0.5_top1_67.823-3ffadce67e.pth imagenet 224 256 bilinear 1 DEFAULT
mnasnet0_75 IMAGENET1K_V1 mnasnet0_75-7090bc5f.pth imagenet 224 232 bilinear 1 DEFAULT
mnasnet1_0 IMAGENET1K_V1 mnasnet1.0_top1_73.512-f206786ef8.pth imagenet 224 256 bilinear 1 DEFAULT
mnasnet1_3 IMAGENET1K_V1 mnasnet1_3-a4c69d6f.pth imagenet 224 232 bilinear 1 DEFAULT
mobilenet_v2 IMAGENET1K_V1 mobilenet_v2-b0353104.pth imagenet 224 256 bilinear 1 -
mobilenet_v2 IMAGENET1K_V2 mobilenet_v2-7ebf99e0.pth imagenet 224 232 bilinear 1 DEFAULT
mobilenet_v3_large IMAGENET1K_V1 mobilenet_v3_large-8738ca79.pth imagenet 224 256 bilinear 1 -
mobilenet_v3_large IMAGENET1K_V2 mobilenet_v3_large-5c1a4163.pth imagenet 224 232 bilinear 1 DEFAULT
mobilenet_v3_small IMAGENET1K_V1 mobilenet_v3_small-047dcff4.pth imagenet 224 256 bilinear 1 DEFAULT
regnet_x_16gf IMAGENET1K_V1 regnet_x_16gf-2007eb11.pth imagenet 224 256 bilinear 1 -
regnet_x_16gf IMAGENET1K_V2 regnet_x_16gf-ba3796d7.pth imagenet 224 232 bilinear 1 DEFAULT
regnet_x_1_6gf IMAGENET1K_V1 regnet_x_1_6gf-e3633e7f.pth imagenet 224 256 bilinear 1 -
regnet_x_1_6gf IMAGENET1K_V2 regnet_x_1_6gf-a12f2b72.pth imagenet 224 232 bilinear 1 DEFAULT
regnet_x_32gf IMAGENET1K_V1 regnet_x_32gf-9d47f8d0.pth imagenet 224 256 bilinear 1 -
regnet_x_32gf IMAGENET1K_V2 regnet_x_32gf-6eb8fdc6.pth imagenet 224 232 bilinear 1 DEFAULT
regnet_x_3_2gf IMAGENET1K_V1 regnet_x_3_2gf-f342aeae.pth imagenet 224 256 bilinear 1 -
regnet_x_3_2gf IMAGENET1K_V2 regnet_x_3_2gf-7071aa85.pth imagenet 224 232 bilinear 1 DEFAULT
regnet_x_400mf IMAGENET1K_V1 regnet_x_400mf-adf1edd5.pth imagenet 224 256 bilinear 1 -
regnet_x_400mf IMAGENET1K_V2 regnet_x_400mf-62229a5f.pth imagenet 224 232 bilinear 1 DEFAULT
regnet_x_800mf IMAGENET1K_V1 regnet_x_800mf-ad17e45c.pth imagenet 224 256 bilinear 1 -
regnet_x_800mf IMAGENET1K_V2 regnet_x_800mf-94a99ebd.pth imagenet 224 232 bilinear 1 DEFAULT
regnet_x_8gf IMAGENET1K_V1 regnet_x_8gf-03ceed89.pth imagenet 224 256 bilinear 1 -
regnet_x_8gf IMAGENET1K_V2 regnet_x_8gf-2b70d774.pth imagenet 224 232 bilinear 1 DEFAULT
regnet_y_128gf IMAGENET1K_SWAG_E2E_V1 regnet_y_128gf_swag-c8ce3e52.pth imagenet 384 384 bicubic 1 DEFAULT
regnet_y_128gf IMAGENET1K_SWAG_LINEAR_V1 regnet_y_128gf_lc_swag-cbe8ce12.pth imagenet 224 224 bicubic 1 -
regnet_y_16gf IMAGENET1K_V1 regnet_y_16gf-9e6ed7dd.pth imagenet 224 256 bilinear 1 -
regnet_y_16gf IMAGENET1K_V2 regnet_y_16gf-3e4a00f9.pth imagenet 224 232 bilinear 1 DEFAULT
regnet_y_16gf IMAGENET1K_SWAG_E2E_V1 regnet_y_16gf_swag-43afe44d.pth imagenet 384 384 bicubic 1 -
regnet_y_16gf IMAGENET1K_SWAG_LINEAR_V1 regnet_y_16gf_lc_swag-f3ec0043.pth imagenet 224 224 bicubic 1 -
regnet_y_1_6gf IMAGENET1K_V1 regnet_y_1_6gf-b11a554e.pth imagenet 224 256 bilinear 1 -
regnet_y_1_6gf IMAGENET1K_V2 regnet_y_1_6gf-0d7bc02a.pth imagenet 224 232 bilinear 1 DEFAULT
regnet_y_32gf IMAGENET1K_V1 regnet_y_32gf-4dee3f7a.pth imagenet 224 256 bilinear 1 -
regnet_y_32gf IMAGENET1K_V2 regnet_y_32gf-8db6d4b5.pth imagenet 224 232 bilinear 1 DEFAULT
regnet_y_32gf IMAGENET1K_SWAG_E2E_V1 regnet_y_32gf_swag-04fdfa75.pth imagenet 384 384 bicubic 1 -
regnet_y_32gf IMAGENET1K_SWAG_LINEAR_V1 regnet_y_32gf_lc_swag-e1583746.pth imagenet 224 224 bicubic 1 -
regnet_y_3_2gf IMAGENET1K_V1 regnet_y_3_2gf-b5a9779c.pth imagenet 224 256 bilinear 1 -
regnet_y_3_2gf IMAGENET1K_V2 regnet_y_3_2gf-9180c971.pth imagenet 224 232 bilinear 1 DEFAULT
regnet_y_400mf IMAGENET1K_V1 regnet_y_400mf-c65dace8.pth imagenet 224 256 bilinear 1 -
regnet_y_400mf IMAGENET1K_V2 regnet_y_400mf-e6988f5f.pth imagenet 224 232 bilinear 1 DEFAULT
regnet_y_800mf IMAGENET1K_V1 regnet_y_800mf-1b27b58c.pth imagenet 224 256 bilinear 1 -
regnet_y_800mf IMAGENET1K_V2 regnet_y_800mf-58fc7688.pth imagenet 224 232 bilinear 1 DEFAULT
regnet_y_8gf IMAGENET1K_V1 regnet_y_8gf-d0d0e4a8.pth imagenet 224 256 bilinear 1 -
regnet_y_8gf IMAGENET1K_V2 regnet_y_8gf-dc2b1b54.pth imagenet 224 232 bilinear 1 DEFAULT
resnet101 IMAGENET1K_V1 resnet101-63fe2227.pth imagenet 224 256 bilinear 1 -
resnet101 IMAGENET1K_V2 resnet101-cd907fc2.pth imagenet 224 232 bilinear 1 DEFAULT
resnet152 IMAGENET1K_V1 resnet152-394f9c45.pth imagenet 224 256 bilinear 1 -
resnet152 IMAGENET1K_V2 resnet152-f82ba261.pth imagenet 224 232 bilinear 1 DEFAULT
resnet18 IMAGENET1K_V1 resnet18-f37072fd.pth imagenet 224 256 bilinear 1 DEFAULT
resnet34 IMAGENET1K_V1 resnet34-b627a593.pth imagenet 224 256 bilinear 1 DEFAULT
resnet50 IMAGENET1K_V1 resnet50-0676ba61.pth imagenet 224 256 bilinear 1 -
resnet50 IMAGENET1K_V2 resnet50-11ad3fa6.pth imagenet 224 232 bilinear 1 DEFAULT
resnext101_32x8d IMAGENET1K_V1 resnext101_32x8d-8ba56ff5.pth imagenet 224 256 bilinear 1 -
resnext101_32x8d IMAGENET1K_V2 resnext101_32x8d-110c445d.pth imagenet 224 232 bilinear 1 DEFAULT
resnext101_64x4d IMAGENET1K_V1 resnext101_64x4d-173b62eb.pth imagenet 224 232 bilinear 1 DEFAULT
resnext50_32x4d IMAGENET1K_V1 resnext50_32x4d-7cdf4587.pth imagenet 224 256 bilinear 1 -
resnext50_32x4d IMAGENET1K_V2 resnext50_32x4d-1a0047aa.pth imagenet 224 232 bilinear 1 DEFAULT
shufflenet_v2_x0_5 IMAGENET1K_V1 shufflenetv2_x0.5-f707e7126e.pth imagenet 224 256 bilinear 1 DEFAULT
shufflenet_v2_x1_0 IMAGENET1K_V1 shufflenetv2_x1-5666bf0f80.pth imagenet 224 256 bilinear 1 DEFAULT
shufflenet_v2_x1_5 IMAGENET1K_V1 shufflenetv2_x1_5-3c479a10.pth imagenet 224 232 bilinear 1 DEFAULT
shufflenet_v2_x2_0 IMAGENET1K_V1 shufflenetv2_x2_0-8be3c8ee.pth imagenet 224 232 bilinear 1 DEFAULT
squeezenet1_0 IMAGENET1K_V1 squeezenet1_0-b66bff10.pth imagenet 224 256 bilinear 1 DEFAULT
squeezenet1_1 IMAGENET1K_V1 squeezenet1_1-b8a52dc0.pth imagenet 224 256 bilinear 1 DEFAULT
swin_b IMAGENET1K_V1 swin_b-68c6b09e.pth imagenet 224 238 bicubic 1 DEFAULT
swin_s IMAGENET1K_V1 swin_s-5e29d889.pth imagenet 224 246 bicubic 1 DEFAULT
swin_t IMAGENET1K_V1 swin_t-704ceda3.pth imagenet 224 232 bicubic 1 DEFAULT
swin_v2_b IMAGENET1K_V1 swin_v2_b-781e5279.pth imagenet 256 272 bicubic 1 DEFAULT
swin_v2_s IMAGENET1K_V1 swin_v2_s-637d8ceb.pth imagenet 256 260 bicubic 1 DEFAULT
swin_v2_t IMAGENET1K_V1 swin_v2_t-b137f0e2.pth imagenet 256 260 bicubic 1 DEFAULT
vgg11 IMAGENET1K_V1 vgg11-8a719046.pth imagenet 224 256 bilinear 1 DEFAULT
vgg11_bn IMAGENET1K_V1 vgg11_bn-6002323d.pth imagenet 224 256 bilinear 1 DEFAULT
vgg13 IMAGENET1K_V1 vgg13-19584684.pth imagenet 224 256 bilinear 1 DEFAULT
vgg13_bn IMAGENET1K_V1 vgg13_bn-abd245e5.pth imagenet 224 256 bilinear 1 DEFAULT
vgg16 IMAGENET1K_V1 vgg16-397923af.pth imagenet 224 256 bilinear 1 DEFAULT
vgg16 IMAGENET1K_FEATURES vgg16_features-amdegroot-88682ab5.pth caffe 224 256 bilinear 1 -
vgg16_bn IMAGENET1K_V1 vgg16_bn-6c64b313.pth imagenet 224 256 bilinear 1 DEFAULT
vgg19 IMAGENET1K_V1 vgg19-dcbb9e9d.pth imagenet 224 256 bilinear 1 DEFAULT
vgg19_bn IMAGENET1K_V1 vgg19_bn-c79401a0.pth imagenet 224 256 bilinear 1 DEFAULT
vit_b_16 IMAGENET1K_V1 vit_b_16-c867db91.pth imagenet 224 256 bilinear 1 DEFAULT
vit_b_16 IMAGENET1K_SWAG_E2E_V1 vit_b_16_swag-9ac1b537.pth imagenet 384 384 bicubic 1 -
vit_b_16 IMAGENET1K_SWAG_LINEAR_V1 vit_b_16_lc_swag-4e70ced5.pth imagenet 224 224 bicubic 1 -
vit_b_32 IMAGENET1K_V1 vit_b_32-d86f8d99.pth imagenet 224 256 bilinear 1 DEFAULT
vit_h_14 IMAGENET1K_SWAG_E2E_V1 vit_h_14_swag-80465313.pth imagenet 518 518 bicubic 1 DEFAULT
vit_h_14 IMAGENET1K_SWAG_LINEAR_V1 vit_h_14_lc_swag-c1eb923e.pth imagenet 224 224 bicubic 1 -
vit_l_16 IMAGENET1K_V1 vit_l_16-852ce7e3.pth imagenet 224 242 bilinear 1 DEFAULT
vit_l_16 IMAGENET1K_SWAG_E2E_V1 vit_l_16_swag-4f3808c9.pth imagenet 512 512 bicubic 1 -
vit_l_16 IMAGENET1K_SWAG_LINEAR_V1 vit_l_16_lc_swag-4d563306.pth imagenet 224 224 bicubic 1 -
vit_l_32 IMAGENET1K_V1 vit_l_32-c7638314.pth imagenet 224 256 bilinear 1 DEFAULT
wide_resnet101_2 IMAGENET1K_V1 wide_resnet101_2-32ee1156.pth imagenet 224 256 bilinear 1 -
wide_resnet101_2 IMAGENET1K_V2 wide_resnet101_2-d733dc28.pth imagenet 224 232 bilinear 1 DEFAULT
wide_resnet50_2 IMAGENET1K_V1 wide_resnet50_2-95faca4d.pth imagenet 224 256 bilinear 1 -
wide_resnet50_2 IMAGENET1K_V2 wide_resnet50_2-9ba9bcbe.pth imagenet 224 232 bilinear 1 DEFAULT
"""

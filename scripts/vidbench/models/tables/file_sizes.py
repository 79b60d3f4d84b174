"""Sizes of files of pretrained weights (1.0.31 of timm): the workflow imports no torch.

Made by `make docs` (tests/tools/describe_sizes.py).
"""
# ruff: noqa: E501 - many weights of one network

# Network, megabytes of the files of its weights, and, as NAME=MEGABYTES, of those that differ.
TABLE = """\
r3d_18 134
mc3_18 47
r2plus1d_18 126
s3d 34
mvit_v1_b 147
mvit_v2_s 138
swin3d_t 127
swin3d_s 229
swin3d_b 382
alexnet 244
convnext_base 354
convnext_large 791
convnext_small 201
convnext_tiny 114
densenet121 32
densenet161 116
densenet169 57
densenet201 81
efficientnet_b0 21
efficientnet_b1 32
efficientnet_b2 37
efficientnet_b3 49
efficientnet_b4 78
efficientnet_b5 123
efficientnet_b6 173
efficientnet_b7 267
efficientnet_v2_l 477
efficientnet_v2_m 218
efficientnet_v2_s 87
googlenet 52
inception_v3 109
maxvit_t 125
mnasnet0_5 9
mnasnet0_75 13
mnasnet1_0 18
mnasnet1_3 25
mobilenet_v2 14
mobilenet_v3_large 22
mobilenet_v3_small 10
regnet_x_16gf 218
regnet_x_1_6gf 37
regnet_x_32gf 432
regnet_x_3_2gf 62
regnet_x_400mf 22
regnet_x_800mf 29
regnet_x_8gf 159
regnet_y_128gf 2581
regnet_y_16gf 335
regnet_y_1_6gf 45
regnet_y_32gf 581
regnet_y_3_2gf 78
regnet_y_400mf 18
regnet_y_800mf 26
regnet_y_8gf 158
resnet101 179
resnet152 242
resnet18 47
resnet34 87
resnet50 103
resnext101_32x8d 356
resnext101_64x4d 335
resnext50_32x4d 100
shufflenet_v2_x0_5 6
shufflenet_v2_x1_0 9
shufflenet_v2_x1_5 14
shufflenet_v2_x2_0 30
squeezenet1_0 5
squeezenet1_1 5
swin_b 352
swin_s 199
swin_t 113
swin_v2_b 353
swin_v2_s 200
swin_v2_t 114
vgg11 531
vgg11_bn 532
vgg13 532
vgg13_bn 532
vgg16 553
vgg16_bn 554
vgg19 575
vgg19_bn 575
vit_b_16 346 IMAGENET1K_SWAG_E2E_V1=347
vit_b_32 353
vit_h_14 2534 IMAGENET1K_SWAG_LINEAR_V1=2528
vit_l_16 1217 IMAGENET1K_SWAG_E2E_V1=1221
vit_l_32 1226
wide_resnet101_2 255 IMAGENET1K_V2=508
wide_resnet50_2 138 IMAGENET1K_V2=276
timm/aimv2_1b_patch14_224 4940
timm/aimv2_1b_patch14_336 4942
timm/aimv2_1b_patch14_448 4946
timm/aimv2_3b_patch14_224 10883
timm/aimv2_3b_patch14_336 10887
timm/aimv2_3b_patch14_448 10892
timm/aimv2_huge_patch14_224 2723
timm/aimv2_huge_patch14_336 2725
timm/aimv2_huge_patch14_448 2728
timm/aimv2_large_patch14_224 1237
timm/aimv2_large_patch14_336 1238
timm/aimv2_large_patch14_448 1240
timm/bat_resnext26ts 43
timm/beit3_base_patch16_224 347 indomain_pt=344 pt=344
timm/beit3_large_patch16_224 1218 indomain_pt=1214 pt=1214
timm/beit_base_patch16_224 346 in22k_ft_in22k=410
timm/beit_base_patch16_384 347
timm/beit_large_patch16_224 1218 in22k_ft_in22k=1303
timm/beit_large_patch16_384 1220
timm/beit_large_patch16_512 1223
timm/beitv2_base_patch16_224 346 in1k_ft_in22k=410
timm/beitv2_large_patch16_224 1218 in1k_ft_in22k=1303
timm/botnet26t_256 50
timm/caformer_b36 395 sail_in22k=651
timm/caformer_m36 225 sail_in22k=417
timm/caformer_s18 105 sail_in22k=276
timm/caformer_s36 157 sail_in22k=328
timm/cait_m36_384 1085
timm/cait_m48_448 1426
timm/cait_s24_224 188
timm/cait_s24_384 188
timm/cait_s36_384 273
timm/cait_xs24_384 107
timm/cait_xxs24_224 48
timm/cait_xxs24_384 48
timm/cait_xxs36_224 69
timm/cait_xxs36_384 69
timm/coat_lite_medium 180
timm/coat_lite_medium_384 180
timm/coat_lite_mini 44
timm/coat_lite_small 80
timm/coat_lite_tiny 23
timm/coat_mini 60
timm/coat_small 127
timm/coat_tiny 31
timm/coatnet_0_rw_224 110
timm/coatnet_1_rw_224 167
timm/coatnet_2_rw_224 296 sw_in12k=340
timm/coatnet_3_rw_224 727
timm/coatnet_bn_0_rw_224 110
timm/coatnet_nano_rw_224 61
timm/coatnet_rmlp_1_rw2_224 167 sw_in12k=200
timm/coatnet_rmlp_1_rw_224 167
timm/coatnet_rmlp_2_rw_224 296 sw_in12k=340
timm/coatnet_rmlp_2_rw_384 296
timm/coatnet_rmlp_nano_rw_224 61
timm/coatnext_nano_rw_224 59
timm/convformer_b36 400 sail_in22k=656
timm/convformer_m36 228 sail_in22k=420
timm/convformer_s18 107 sail_in22k=278
timm/convformer_s36 160 sail_in22k=331
timm/convit_base 346
timm/convit_small 111
timm/convit_tiny 23
timm/convmixer_768_32 85
timm/convmixer_1024_20_ks9_p14 98
timm/convmixer_1536_20 207
timm/convnext_atto 15
timm/convnext_atto_ols 15
timm/convnext_base 354 clip_laion2b=353 clip_laion2b_augreg=353 clip_laion2b_augreg_ft_in12k=399 clip_laiona=353 clip_laiona_320=353 clip_laiona_augreg_320=353 dinov3_lvd1689m=350 eupe_lvd1689m=350 fb_in22k=440
timm/convnext_femto 21
timm/convnext_femto_ols 21
timm/convnext_large 791 dinov3_lvd1689m=785 fb_in22k=919
timm/convnext_large_mlp 801 clip_laion2b_augreg=799 clip_laion2b_augreg_ft_in12k_384=867 clip_laion2b_ft_320=799 clip_laion2b_ft_soup_320=799 clip_laion2b_soup_ft_in12k_320=867 clip_laion2b_soup_ft_in12k_384=867
timm/convnext_nano 62 in12k=90 r384_ad_in12k=90 r384_in12k=90
timm/convnext_nano_ols 63
timm/convnext_pico 36
timm/convnext_pico_ols 36
timm/convnext_small 201 dinov3_lvd1689m=198 eupe_lvd1689m=198 fb_in22k=265 in12k=234
timm/convnext_tiny 114 dinov3_lvd1689m=111 eupe_lvd1689m=111 fb_in22k=178 in12k=148
timm/convnext_tiny_hnf 114
timm/convnext_xlarge 1401 fb_in22k=1572
timm/convnext_xxlarge 3386 clip_laion2b_soup_ft_in12k=3519
timm/convnext_zepto_rms 9
timm/convnext_zepto_rms_ols 9
timm/convnextv2_atto 15 fcmae=14
timm/convnextv2_base 355 fcmae=351
timm/convnextv2_femto 21 fcmae=19
timm/convnextv2_huge 2641 fcmae=2630
timm/convnextv2_large 792 fcmae=786
timm/convnextv2_nano 62 fcmae=60
timm/convnextv2_pico 36 fcmae=34
timm/convnextv2_tiny 115 fcmae=111
timm/cpubone_b0_bfrobust 42
timm/cpubone_b1_bfrobust 50
timm/cpubone_b1_dwnorm 50
timm/cpubone_b2_bfrobust 96
timm/cpubone_b2pt5_dwnorm 122
timm/cpubone_b3 163
timm/cpubone_nano 26
timm/cpubone_s0 35
timm/cpubone_t0 30
timm/crossvit_9_240 34
timm/crossvit_9_dagger_240 35
timm/crossvit_15_240 110
timm/crossvit_15_dagger_240 113
timm/crossvit_15_dagger_408 114
timm/crossvit_18_240 173
timm/crossvit_18_dagger_240 177
timm/crossvit_18_dagger_408 178
timm/crossvit_base_240 420
timm/crossvit_small_240 107
timm/crossvit_tiny_240 28
timm/cs3darknet_focus_l 85
timm/cs3darknet_focus_m 37
timm/cs3darknet_focus_s 13
timm/cs3darknet_l 85
timm/cs3darknet_m 37
timm/cs3darknet_x 140
timm/cs3edgenet_x 191
timm/cs3se_edgenet_x 203
timm/cs3sedarknet_l 88
timm/cs3sedarknet_x 142
timm/csatv2 44
timm/csatv2_21m 83
timm/cspdarknet53 111
timm/cspnext_l 109
timm/cspnext_m 52
timm/cspnext_s 20
timm/cspnext_tiny 11
timm/cspnext_x 196
timm/cspresnet50 87
timm/cspresnext50 83
timm/darknet53 167
timm/darknetaa53 144
timm/davit_base 352
timm/davit_base_fl 361
timm/davit_huge_fl 1443
timm/davit_small 199
timm/davit_tiny 113
timm/deepseek_vit_412m 1647
timm/deepseek_vit_412m_align 1941
timm/deepseek_vit_412m_enc 1941
timm/deit3_base_patch16_224 346
timm/deit3_base_patch16_384 348
timm/deit3_huge_patch14_224 2529
timm/deit3_large_patch16_224 1217
timm/deit3_large_patch16_384 1219
timm/deit3_medium_patch16_224 155
timm/deit3_small_patch16_224 88
timm/deit3_small_patch16_384 89
timm/deit_base_distilled_patch16_224 349
timm/deit_base_distilled_patch16_384 351
timm/deit_base_patch16_224 346
timm/deit_base_patch16_384 347
timm/deit_small_distilled_patch16_224 90
timm/deit_small_patch16_224 88
timm/deit_tiny_distilled_patch16_224 24
timm/deit_tiny_patch16_224 23
timm/densenet121 32
timm/densenet161 116
timm/densenet169 57
timm/densenet201 81
timm/densenetblur121d 32
timm/dla34 63
timm/dla46_c 5
timm/dla46x_c 4
timm/dla60 88
timm/dla60_res2net 84
timm/dla60_res2next 68
timm/dla60x 70
timm/dla60x_c 5
timm/dla102 133
timm/dla102x 106
timm/dla102x2 166
timm/dla169 214
timm/dm_nfnet_f0 286
timm/dm_nfnet_f1 531
timm/dm_nfnet_f2 775
timm/dm_nfnet_f3 1020
timm/dm_nfnet_f4 1264
timm/dm_nfnet_f5 1509
timm/dm_nfnet_f6 1753
timm/dpn68 51
timm/dpn68b 51
timm/dpn92 151
timm/dpn98 247
timm/dpn107 349
timm/dpn131 318
timm/eca_botnext26ts_256 42
timm/eca_halonext26ts 43
timm/eca_nfnet_l0 97
timm/eca_nfnet_l1 166
timm/eca_nfnet_l2 227
timm/eca_resnet33ts 79
timm/eca_resnext26ts 41
timm/ecaresnet26t 64
timm/ecaresnet50d 103
timm/ecaresnet50d_pruned 80
timm/ecaresnet50t 103
timm/ecaresnet101d 179
timm/ecaresnet101d_pruned 100
timm/ecaresnet269d 409
timm/ecaresnetlight 121
timm/edgenext_base 74
timm/edgenext_small 22
timm/edgenext_small_rw 31
timm/edgenext_x_small 9
timm/edgenext_xx_small 5
timm/efficientformer_l1 49
timm/efficientformer_l3 126
timm/efficientformer_l7 329
timm/efficientformerv2_l 106
timm/efficientformerv2_s0 15
timm/efficientformerv2_s1 25
timm/efficientformerv2_s2 51
timm/efficientnet_b0 21
timm/efficientnet_b1 31
timm/efficientnet_b1_pruned 26
timm/efficientnet_b2 37
timm/efficientnet_b2_pruned 33
timm/efficientnet_b3 49
timm/efficientnet_b3_pruned 40
timm/efficientnet_b4 78
timm/efficientnet_b5 122 sw_in12k=211
timm/efficientnet_el 43
timm/efficientnet_el_pruned 43
timm/efficientnet_em 28
timm/efficientnet_es 22
timm/efficientnet_es_pruned 22
timm/efficientnet_h_b5 184
timm/efficientnet_lite0 19
timm/efficientnet_x_b5 134
timm/efficientnetv2_rw_m 214
timm/efficientnetv2_rw_s 96
timm/efficientnetv2_rw_t 55
timm/efficientvim_m1 27
timm/efficientvim_m1_dist 31
timm/efficientvim_m2 56
timm/efficientvim_m2_dist 61
timm/efficientvim_m3 67
timm/efficientvim_m3_dist 73
timm/efficientvim_m4 79
timm/efficientvim_m4_dist 85
timm/efficientvit_b0 14
timm/efficientvit_b1 36
timm/efficientvit_b2 97
timm/efficientvit_b3 195
timm/efficientvit_l1 211
timm/efficientvit_l2 255
timm/efficientvit_l3 984
timm/efficientvit_m0 10
timm/efficientvit_m1 12
timm/efficientvit_m2 17
timm/efficientvit_m3 28
timm/efficientvit_m4 35
timm/efficientvit_m5 50
timm/ese_vovnet19b_dw 26
timm/ese_vovnet39b 98
timm/ese_vovnet57b 155
timm/eva02_base_patch14_224 343
timm/eva02_base_patch14_448 348 mim_in22k_ft_in22k=413
timm/eva02_base_patch16_clip_224 345
timm/eva02_enormous_patch14_clip_224 17402
timm/eva02_large_patch14_224 1213
timm/eva02_large_patch14_448 1220 mim_in22k_ft_in22k=1306 mim_m38m_ft_in22k=1306
timm/eva02_large_patch14_clip_224 1216
timm/eva02_large_patch14_clip_336 1218
timm/eva02_small_patch14_224 86
timm/eva02_small_patch14_336 89
timm/eva02_tiny_patch14_224 22
timm/eva02_tiny_patch14_336 23
timm/eva_giant_patch14_224 4050
timm/eva_giant_patch14_336 4052
timm/eva_giant_patch14_560 4058
timm/eva_giant_patch14_clip_224 4050
timm/eva_large_patch14_196 1217
timm/eva_large_patch14_336 1218
timm/fasternet_l 374
timm/fasternet_m 214
timm/fasternet_s 125
timm/fasternet_t0 16
timm/fasternet_t1 30
timm/fasternet_t2 60
timm/fastvit_ma36 177
timm/fastvit_mci0 46
timm/fastvit_mci1 87
timm/fastvit_mci2 144
timm/fastvit_mci3 502
timm/fastvit_mci4 1288
timm/fastvit_s12 38
timm/fastvit_sa12 46
timm/fastvit_sa24 86
timm/fastvit_sa36 126
timm/fastvit_t8 16
timm/fastvit_t12 30
timm/fbnetc_100 22
timm/fbnetv3_b 35
timm/fbnetv3_d 41
timm/fbnetv3_g 67
timm/flexivit_base 410 1200ep_in1k=346 300ep_in1k=346 600ep_in1k=346
timm/flexivit_large 1217
timm/flexivit_small 88
timm/focalnet_base_lrf 355
timm/focalnet_base_srf 353
timm/focalnet_huge_fl3 2981
timm/focalnet_huge_fl4 2746
timm/focalnet_large_fl3 957
timm/focalnet_large_fl4 957
timm/focalnet_small_lrf 201
timm/focalnet_small_srf 200
timm/focalnet_tiny_lrf 115
timm/focalnet_tiny_srf 114
timm/focalnet_xlarge_fl3 1635
timm/focalnet_xlarge_fl4 1636
timm/gc_efficientnetv2_rw_t 55
timm/gcresnet33ts 80
timm/gcresnet50t 104
timm/gcresnext26ts 42
timm/gcresnext50ts 63
timm/gcvit_base 361
timm/gcvit_small 204
timm/gcvit_tiny 113
timm/gcvit_xtiny 80
timm/gcvit_xxtiny 48
timm/gemma4_vit_167m 669
timm/gemma4_vit_167m_enc 669
timm/gemma4_vit_570m 2278
timm/gemma4_vit_570m_enc 2278
timm/gernet_l 125
timm/gernet_m 85
timm/gernet_s 33
timm/ghostnet_100 21
timm/ghostnetv2_100 25
timm/ghostnetv2_130 36
timm/ghostnetv2_160 50
timm/ghostnetv3_100 33
timm/gmixer_24_224 99
timm/gmlp_s16_224 78
timm/halo2botnet50ts_256 91
timm/halonet26t 50
timm/halonet50ts 91
timm/haloregnetz_b 47
timm/hardcorenas_a 21
timm/hardcorenas_b 21
timm/hardcorenas_c 22
timm/hardcorenas_d 30
timm/hardcorenas_e 32
timm/hardcorenas_f 33
timm/hgnet_base 286
timm/hgnet_small 98
timm/hgnet_tiny 59
timm/hgnetv2_b0 24
timm/hgnetv2_b1 25
timm/hgnetv2_b2 45
timm/hgnetv2_b3 65
timm/hgnetv2_b4 79
timm/hgnetv2_b5 159
timm/hgnetv2_b6 302
timm/hiera_base_224 206 mae=203
timm/hiera_base_plus_224 280 mae=276
timm/hiera_huge_224 2691 mae=2683
timm/hiera_large_224 855 mae=850
timm/hiera_small_224 140 mae=137
timm/hiera_small_abswin_256 137 sbb2_e200_in12k=171 sbb2_pd_e200_in12k=171
timm/hiera_tiny_224 112 mae=109
timm/hrnet_w18 85
timm/hrnet_w18_small 53
timm/hrnet_w18_small_v2 63
timm/hrnet_w18_ssld 85
timm/hrnet_w30 151
timm/hrnet_w32 165
timm/hrnet_w40 231
timm/hrnet_w44 269
timm/hrnet_w48 310
timm/hrnet_w48_ssld 310
timm/hrnet_w64 513
timm/iformer_h 400
timm/iformer_l 59
timm/iformer_l2_distilled 101
timm/iformer_l_distilled 61
timm/iformer_m 36
timm/iformer_m_distilled 37
timm/iformer_s 26
timm/iformer_t 12
timm/inception_next_atto 17
timm/inception_next_base 347
timm/inception_next_small 198
timm/inception_next_tiny 112
timm/inception_resnet_v2 224
timm/inception_v3 95
timm/inception_v4 171
timm/lambda_resnet26rpt_256 44
timm/lambda_resnet26t 44
timm/lambda_resnet50ts 86
timm/lamhalobotnet50ts_256 90
timm/lcnet_050 8
timm/lcnet_075 9
timm/lcnet_100 12
timm/lcnetv2_base 27
timm/lcnetv2_large 42
timm/lcnetv2_small 17
timm/legacy_senet154 461
timm/legacy_seresnet18 47
timm/legacy_seresnet34 88
timm/legacy_seresnet50 113
timm/legacy_seresnet101 198
timm/legacy_seresnet152 268
timm/legacy_seresnext26_32x4d 67
timm/legacy_seresnext50_32x4d 111
timm/legacy_seresnext101_32x4d 196
timm/legacy_xception 92
timm/levit_128 37
timm/levit_128s 31
timm/levit_192 44
timm/levit_256 76
timm/levit_384 157
timm/levit_conv_128 37
timm/levit_conv_128s 31
timm/levit_conv_192 44
timm/levit_conv_256 76
timm/levit_conv_384 157
timm/lowformer_b0 56
timm/lowformer_b1 72
timm/lowformer_b3 228
timm/lowformer_b15 136
timm/lowformer_e1 76
timm/lowformer_e2 91
timm/lowformer_e3 165
timm/mambaout_base 339
timm/mambaout_base_plus_rw 407 sw_e150_in12k=540
timm/mambaout_base_short_rw 355
timm/mambaout_base_tall_rw 346
timm/mambaout_base_wide_rw 378
timm/mambaout_femto 29
timm/mambaout_kobe 37
timm/mambaout_small 194
timm/mambaout_small_rw 194
timm/mambaout_tiny 106
timm/maxvit_base_tf_224 478 in21k=543
timm/maxvit_base_tf_384 479
timm/maxvit_base_tf_512 480
timm/maxvit_large_tf_224 848 in21k=933
timm/maxvit_large_tf_384 849
timm/maxvit_large_tf_512 850
timm/maxvit_nano_rw_256 62
timm/maxvit_rmlp_base_rw_224 465 sw_in12k=498
timm/maxvit_rmlp_base_rw_384 465
timm/maxvit_rmlp_nano_rw_256 62
timm/maxvit_rmlp_pico_rw_256 30
timm/maxvit_rmlp_small_rw_224 260
timm/maxvit_rmlp_tiny_rw_256 117
timm/maxvit_small_tf_224 276
timm/maxvit_small_tf_384 276
timm/maxvit_small_tf_512 277
timm/maxvit_tiny_rw_224 116
timm/maxvit_tiny_tf_224 124
timm/maxvit_tiny_tf_384 124
timm/maxvit_tiny_tf_512 124
timm/maxvit_xlarge_tf_224 2029
timm/maxvit_xlarge_tf_384 1902
timm/maxvit_xlarge_tf_512 1904
timm/maxxvit_rmlp_nano_rw_256 67
timm/maxxvit_rmlp_small_rw_256 264
timm/maxxvitv2_nano_rw_256 95
timm/maxxvitv2_rmlp_base_rw_224 464 sw_in12k=509
timm/maxxvitv2_rmlp_base_rw_384 464
timm/mixer_b16_224 240 goog_in21k=304 miil_in21k=271
timm/mixer_l16_224 833 goog_in21k=918
timm/mixnet_l 30
timm/mixnet_m 20
timm/mixnet_s 17
timm/mixnet_xl 48
timm/mnasnet_100 18
timm/mnasnet_small 8
timm/mobilenet_edgetpu_v2_m 34
timm/mobilenetv1_100 17
timm/mobilenetv1_100h 21
timm/mobilenetv1_125 25
timm/mobilenetv2_050 8
timm/mobilenetv2_100 14
timm/mobilenetv2_110d 18
timm/mobilenetv2_120d 24
timm/mobilenetv2_140 25
timm/mobilenetv3_large_100 22 miil_in21k=74
timm/mobilenetv3_large_150d 59
timm/mobilenetv3_rw 22
timm/mobilenetv3_small_050 6
timm/mobilenetv3_small_075 8
timm/mobilenetv3_small_100 10
timm/mobilenetv4_conv_aa_large 131 e230_r384_in12k=186
timm/mobilenetv4_conv_blur_medium 39
timm/mobilenetv4_conv_large 131
timm/mobilenetv4_conv_medium 39 e180_ad_r384_in12k=95 e180_r384_in12k=95 e250_r384_in12k=95
timm/mobilenetv4_conv_small 15
timm/mobilenetv4_conv_small_050 9
timm/mobilenetv4_hybrid_large 152
timm/mobilenetv4_hybrid_medium 45 e200_r256_in12k=100
timm/mobilenetv5_300m 1177
timm/mobileone_s0 22
timm/mobileone_s1 20
timm/mobileone_s2 32
timm/mobileone_s3 41
timm/mobileone_s4 60
timm/mobilevit_s 22
timm/mobilevit_xs 9
timm/mobilevit_xxs 5
timm/mobilevitv2_050 6
timm/mobilevitv2_075 12
timm/mobilevitv2_100 20
timm/mobilevitv2_125 30
timm/mobilevitv2_150 42
timm/mobilevitv2_175 57
timm/mobilevitv2_200 74
timm/mvitv2_base 206
timm/mvitv2_base_cls 262
timm/mvitv2_huge_cls 2779
timm/mvitv2_large 872
timm/mvitv2_large_cls 938
timm/mvitv2_small 139
timm/mvitv2_tiny 97
timm/naflexvit_base_patch16_gap 347
timm/naflexvit_base_patch16_par_gap 347
timm/naflexvit_base_patch16_parfac_gap 346
timm/naflexvit_base_patch16_radio_v3 393
timm/naflexvit_base_patch16_siglip 372
timm/naflexvit_giant_patch16_radio_v3 4638
timm/naflexvit_huge_patch16_radio_v3 2607
timm/naflexvit_huge_patch16_radio_v4 2607
timm/naflexvit_large_patch16_radio_v3 1280
timm/naflexvit_so400m_patch16_radio_v4 1725
timm/naflexvit_so400m_patch16_siglip 1712
timm/nasnetalarge 356
timm/nest_base_jx 271
timm/nest_small_jx 153
timm/nest_tiny_jx 68
timm/nextvit_base 180
timm/nextvit_large 232
timm/nextvit_small 127
timm/nf_regnet_b1 41
timm/nf_resnet50 102
timm/nfnet_l0 140
timm/pit_b_224 295
timm/pit_b_distilled_224 299
timm/pit_s_224 94
timm/pit_s_distilled_224 96
timm/pit_ti_224 19
timm/pit_ti_distilled_224 20
timm/pit_xs_224 42
timm/pit_xs_distilled_224 44
timm/pnasnet5large 345
timm/poolformer_m36 225
timm/poolformer_m48 294
timm/poolformer_s12 48
timm/poolformer_s24 86
timm/poolformer_s36 123
timm/poolformerv2_m36 224
timm/poolformerv2_m48 293
timm/poolformerv2_s12 48
timm/poolformerv2_s24 85
timm/poolformerv2_s36 123
timm/pvt_v2_b0 15
timm/pvt_v2_b1 56
timm/pvt_v2_b2 101
timm/pvt_v2_b2_li 90
timm/pvt_v2_b3 181
timm/pvt_v2_b4 250
timm/pvt_v2_b5 328
timm/qwen3_vit_88m 350
timm/qwen3_vit_88m_enc 400
timm/qwen3_vit_88m_merge 400
timm/qwen3_vit_306m 1222
timm/qwen3_vit_306m_enc 1323
timm/qwen3_vit_306m_merge 1323
timm/qwen3_vit_416m 1660
timm/qwen3_vit_416m_enc 1839
timm/qwen3_vit_416m_merge 1839
timm/rdnet_base 350
timm/rdnet_large 745
timm/rdnet_small 202
timm/rdnet_tiny 95
timm/regnetv_040 83
timm/regnetv_064 123
timm/regnetx_002 11
timm/regnetx_004 21
timm/regnetx_004_tv 22
timm/regnetx_006 25
timm/regnetx_008 29
timm/regnetx_016 37
timm/regnetx_032 61
timm/regnetx_040 89
timm/regnetx_064 105
timm/regnetx_080 159
timm/regnetx_120 185
timm/regnetx_160 218
timm/regnetx_320 432
timm/regnety_002 13
timm/regnety_004 17
timm/regnety_006 24
timm/regnety_008 25
timm/regnety_008_tv 26
timm/regnety_016 45
timm/regnety_032 78
timm/regnety_040 83
timm/regnety_064 123
timm/regnety_080 157
timm/regnety_080_tv 158
timm/regnety_120 208 sw_in12k=305
timm/regnety_160 335 sw_in12k=466
timm/regnety_320 581 seer=566
timm/regnety_640 1126 seer=1107
timm/regnety_1280 2581 seer=2551
timm/regnety_2560 5133
timm/regnetz_040 109
timm/regnetz_040_h 116
timm/regnetz_b16 39
timm/regnetz_c16 54
timm/regnetz_c16_evos 54
timm/regnetz_d8 94
timm/regnetz_d8_evos 94
timm/regnetz_d32 111
timm/regnetz_e8 231
timm/repghostnet_050 9
timm/repghostnet_058 10
timm/repghostnet_080 13
timm/repghostnet_100 16
timm/repghostnet_111 18
timm/repghostnet_130 22
timm/repghostnet_150 27
timm/repghostnet_200 39
timm/repvgg_a0 37
timm/repvgg_a1 56
timm/repvgg_a2 113
timm/repvgg_b0 63
timm/repvgg_b1 230
timm/repvgg_b1g4 160
timm/repvgg_b2 356
timm/repvgg_b2g4 247
timm/repvgg_b3 493
timm/repvgg_b3g4 336
timm/repvgg_d2se 534
timm/repvit_m0_9 22
timm/repvit_m1 22
timm/repvit_m1_0 29
timm/repvit_m1_1 35
timm/repvit_m1_5 59
timm/repvit_m2 35
timm/repvit_m2_3 95
timm/repvit_m3 43
timm/res2net50_14w_8s 100
timm/res2net50_26w_4s 103
timm/res2net50_26w_6s 148
timm/res2net50_26w_8s 194
timm/res2net50_48w_2s 101
timm/res2net50d 103
timm/res2net101_26w_4s 181
timm/res2net101d 181
timm/res2next50 99
timm/resmlp_12_224 61
timm/resmlp_24_224 120
timm/resmlp_36_224 179
timm/resmlp_big_24_224 517
timm/resnest14d 43
timm/resnest26d 68
timm/resnest50d 110
timm/resnest50d_1s4x24d 103
timm/resnest50d_4s2x40d 122
timm/resnest101e 194
timm/resnest200e 282
timm/resnest269e 445
timm/resnet10t 22
timm/resnet14t 40
timm/resnet18 47
timm/resnet18d 47
timm/resnet26 64
timm/resnet26d 64
timm/resnet26t 64
timm/resnet32ts 72
timm/resnet33ts 79
timm/resnet34 87
timm/resnet34d 87
timm/resnet50 102 bamboo=94
timm/resnet50_clip 153
timm/resnet50_clip_gap 94
timm/resnet50_gn 102
timm/resnet50c 103
timm/resnet50d 103
timm/resnet50s 103
timm/resnet50x4_clip 349
timm/resnet50x4_clip_gap 263
timm/resnet50x16_clip 670
timm/resnet50x16_clip_gap 546
timm/resnet50x64_clip 1683
timm/resnet50x64_clip_gap 1462
timm/resnet51q 143
timm/resnet61q 148
timm/resnet101 179
timm/resnet101_clip 225
timm/resnet101_clip_gap 171
timm/resnet101c 179
timm/resnet101d 179
timm/resnet101s 179
timm/resnet152 241
timm/resnet152c 241
timm/resnet152d 241
timm/resnet152s 242
timm/resnet200d 259
timm/resnetaa50 102
timm/resnetaa50d 191 sw_in12k_ft_in1k=103
timm/resnetaa101d 179 sw_in12k=267
timm/resnetblur50 102
timm/resnetrs50 143
timm/resnetrs101 255
timm/resnetrs152 347
timm/resnetrs200 374
timm/resnetrs270 520
timm/resnetrs350 657
timm/resnetrs420 769
timm/resnetv2_18 47
timm/resnetv2_18d 47
timm/resnetv2_34 87
timm/resnetv2_34d 87
timm/resnetv2_50 102
timm/resnetv2_50d_evos 102
timm/resnetv2_50d_gn 102
timm/resnetv2_50x1_bit 102 goog_in21k=273
timm/resnetv2_50x3_bit 869 goog_in21k=1382
timm/resnetv2_101 179
timm/resnetv2_101x1_bit 178 goog_in21k=349
timm/resnetv2_101x3_bit 1552 goog_in21k=2064
timm/resnetv2_152x2_bit 945 goog_in21k=1287
timm/resnetv2_152x4_bit 3746 goog_in21k=4429
timm/resnext26ts 41
timm/resnext50_32x4d 100
timm/resnext50d_32x4d 100
timm/resnext101_32x4d 177
timm/resnext101_32x8d 356
timm/resnext101_32x16d 777
timm/resnext101_32x32d 1876
timm/resnext101_64x4d 335
timm/rexnet_100 19
timm/rexnet_130 30
timm/rexnet_150 39
timm/rexnet_200 66
timm/rexnet_300 139
timm/rexnetr_200 66 sw_in12k=177
timm/rexnetr_300 140 sw_in12k=306
timm/sam2_hiera_base_plus 275
timm/sam2_hiera_large 849
timm/sam2_hiera_small 136
timm/sam2_hiera_tiny 107
timm/samvit_base_patch16 359
timm/samvit_huge_patch16 2548
timm/samvit_large_patch16 1233
timm/sebotnet33ts_256 55
timm/sehalonet33ts 55
timm/selecsls42b 130
timm/selecsls60 123
timm/selecsls60b 131
timm/semnasnet_075 12
timm/semnasnet_100 16
timm/senet154 461
timm/sequencer2d_l 217
timm/sequencer2d_m 153
timm/sequencer2d_s 111
timm/seresnet33ts 79
timm/seresnet50 113
timm/seresnet152d 268
timm/seresnext26d_32x4d 67
timm/seresnext26t_32x4d 67
timm/seresnext26ts 42
timm/seresnext50_32x4d 111
timm/seresnext101_32x4d 196
timm/seresnext101_32x8d 375
timm/seresnext101_64x4d 354
timm/seresnext101d_32x8d 375
timm/seresnextaa101d_32x8d 375 sw_in12k=464
timm/seresnextaa201d_32x8d 599 sw_in12k=688
timm/shvit_s1 25
timm/shvit_s2 46
timm/shvit_s3 57
timm/shvit_s4 67
timm/skresnet18 48
timm/skresnet34 89
timm/skresnext50_32x4d 110
timm/spnasnet_100 18
timm/starnet_s1 12
timm/starnet_s2 15
timm/starnet_s3 23
timm/starnet_s4 30
timm/swiftformer_l1 48
timm/swiftformer_l3 114
timm/swiftformer_s 24
timm/swiftformer_xs 14
timm/swin_base_patch4_window7_224 351 ms_in22k=437
timm/swin_base_patch4_window12_384 352 ms_in22k=437
timm/swin_large_patch4_window7_224 786 ms_in22k=914
timm/swin_large_patch4_window12_384 787 ms_in22k=915
timm/swin_s3_base_224 285
timm/swin_s3_small_224 199
timm/swin_s3_tiny_224 113
timm/swin_small_patch4_window7_224 198 ms_in22k=263
timm/swin_tiny_patch4_window7_224 113 ms_in22k=177
timm/swinv2_base_window8_256 352
timm/swinv2_base_window12_192 437
timm/swinv2_base_window12to16_192to256 352
timm/swinv2_base_window12to24_192to384 352
timm/swinv2_base_window16_256 352
timm/swinv2_cr_small_224 199
timm/swinv2_cr_small_ns_224 199
timm/swinv2_cr_tiny_ns_224 113
timm/swinv2_large_window12_192 915
timm/swinv2_large_window12to16_192to256 787
timm/swinv2_large_window12to24_192to384 787
timm/swinv2_small_window8_256 199
timm/swinv2_small_window16_256 199
timm/swinv2_tiny_window8_256 113
timm/swinv2_tiny_window16_256 113
timm/test_byobnet 2
timm/test_convnext 1
timm/test_convnext2 2
timm/test_convnext3 2
timm/test_efficientnet 1
timm/test_efficientnet_evos 1
timm/test_efficientnet_gn 1
timm/test_efficientnet_ln 1
timm/test_nfnet 2
timm/test_resnet 2
timm/test_vit 1
timm/test_vit2 2
timm/test_vit3 4
timm/tf_efficientnet_b0 21
timm/tf_efficientnet_b1 31
timm/tf_efficientnet_b2 37
timm/tf_efficientnet_b3 49
timm/tf_efficientnet_b4 78
timm/tf_efficientnet_b5 122
timm/tf_efficientnet_b6 173
timm/tf_efficientnet_b7 267
timm/tf_efficientnet_b8 351
timm/tf_efficientnet_cc_b0_4e 53
timm/tf_efficientnet_cc_b0_8e 96
timm/tf_efficientnet_cc_b1_8e 159
timm/tf_efficientnet_el 43
timm/tf_efficientnet_em 28
timm/tf_efficientnet_es 22
timm/tf_efficientnet_l2 1926
timm/tf_efficientnet_lite0 19
timm/tf_efficientnet_lite1 22
timm/tf_efficientnet_lite2 25
timm/tf_efficientnet_lite3 33
timm/tf_efficientnet_lite4 52
timm/tf_efficientnetv2_b0 29
timm/tf_efficientnetv2_b1 33
timm/tf_efficientnetv2_b2 41
timm/tf_efficientnetv2_b3 58 in21k=186
timm/tf_efficientnetv2_l 476 in21k=583
timm/tf_efficientnetv2_m 218 in21k=325
timm/tf_efficientnetv2_s 86 in21k=193
timm/tf_efficientnetv2_xl 836 in21k=942
timm/tf_mixnet_l 30
timm/tf_mixnet_m 20
timm/tf_mixnet_s 17
timm/tf_mobilenetv3_large_075 16
timm/tf_mobilenetv3_large_100 22
timm/tf_mobilenetv3_large_minimal_100 16
timm/tf_mobilenetv3_small_075 8
timm/tf_mobilenetv3_small_100 10
timm/tf_mobilenetv3_small_minimal_100 8
timm/tiny_vit_5m_224 22 dist_in22k=48
timm/tiny_vit_11m_224 44 dist_in22k=81
timm/tiny_vit_21m_224 85 dist_in22k=133
timm/tiny_vit_21m_384 85
timm/tiny_vit_21m_512 85
timm/tinynet_a 25
timm/tinynet_b 15
timm/tinynet_c 10
timm/tinynet_d 9
timm/tinynet_e 8
timm/tnt_b_patch16_224 262
timm/tnt_s_legacy_patch16_224 95
timm/tnt_s_patch16_224 95
timm/tresnet_l 224
timm/tresnet_m 126 miil_in21k=210
timm/tresnet_v2_l 185 miil_in21k=269
timm/tresnet_xl 314
timm/twins_pcpvt_base 175
timm/twins_pcpvt_large 244
timm/twins_pcpvt_small 96
timm/twins_svt_base 224
timm/twins_svt_large 397
timm/twins_svt_small 96
timm/vgg11 531
timm/vgg11_bn 531
timm/vgg13 532
timm/vgg13_bn 532
timm/vgg16 553
timm/vgg16_bn 553
timm/vgg19 575
timm/vgg19_bn 575
timm/visformer_small 161
timm/visformer_tiny 41
timm/vit_5b_patch16_sapiens2 20268
timm/vit_7b_patch16_dinov3 26864
timm/vit_base_mci_224 345
timm/vit_base_patch8_224 346 augreg_in21k=410 dino=343
timm/vit_base_patch14_dinov2 346
timm/vit_base_patch14_reg1_tipsv2 345
timm/vit_base_patch14_reg4_dinov2 346
timm/vit_base_patch16_224 346 augreg_in21k=410 bamboo=698 dino=343 mae=343 orig_in21k=343
timm/vit_base_patch16_224_miil 378 in21k_ft_in1k=346
timm/vit_base_patch16_384 347
timm/vit_base_patch16_clip_224 345 laion2b_ft_in12k_in1k=346 laion2b_ft_in12k=380 laion2b_ft_in1k=346 openai_ft_in12k=380 openai_ft_in12k_in1k=346 openai_ft_in1k=346
timm/vit_base_patch16_clip_384 347
timm/vit_base_patch16_clip_quickgelu_224 345
timm/vit_base_patch16_dinov3 343
timm/vit_base_patch16_dinov3_qkvb 343
timm/vit_base_patch16_lingbot 343
timm/vit_base_patch16_plus_clip_240 469
timm/vit_base_patch16_radio_v3 346
timm/vit_base_patch16_rope_224 346
timm/vit_base_patch16_rope_ape_224 346
timm/vit_base_patch16_rope_mixed_224 346
timm/vit_base_patch16_rope_mixed_ape_224 346
timm/vit_base_patch16_rope_reg1_gap_256 346
timm/vit_base_patch16_rpn_224 346
timm/vit_base_patch16_sapiens2 456
timm/vit_base_patch16_siglip_224 372
timm/vit_base_patch16_siglip_256 372
timm/vit_base_patch16_siglip_384 373
timm/vit_base_patch16_siglip_512 374
timm/vit_base_patch16_siglip_gap_224 343
timm/vit_base_patch16_siglip_gap_256 343
timm/vit_base_patch16_siglip_gap_384 344
timm/vit_base_patch16_siglip_gap_512 346
timm/vit_base_patch32_224 353 augreg_in21k=417 orig_in21k=350
timm/vit_base_patch32_384 353
timm/vit_base_patch32_clip_224 351 laion2b_ft_in12k_in1k=353 laion2b_ft_in1k=353 openai_ft_in1k=353
timm/vit_base_patch32_clip_256 351
timm/vit_base_patch32_clip_384 353
timm/vit_base_patch32_clip_448 353
timm/vit_base_patch32_clip_quickgelu_224 351
timm/vit_base_patch32_siglip_256 378
timm/vit_base_patch32_siglip_gap_256 350
timm/vit_base_r50_s16_224 392
timm/vit_base_r50_s16_384 396
timm/vit_betwixt_patch16_reg1_gap_256 242
timm/vit_betwixt_patch16_reg4_gap_256 242 sbb2_e200_in12k=269 sbb_in12k=269
timm/vit_betwixt_patch16_reg4_gap_384 242
timm/vit_betwixt_patch16_rope_reg4_gap_256 241
timm/vit_betwixt_patch32_clip_224 246
timm/vit_dlittle_patch16_reg1_gap_256 90
timm/vit_dpwee_patch16_reg1_gap_256 61
timm/vit_dwee_patch16_reg1_gap_256 54
timm/vit_giant_patch14_clip_224 4051
timm/vit_giant_patch14_dinov2 4546
timm/vit_giant_patch14_reg1_tipsv2 4544
timm/vit_giant_patch14_reg4_dinov2 4546
timm/vit_giant_patch16_gap_224 4045
timm/vit_giant_patch16_lingbot 4538
timm/vit_giant_patch16_radio_v3 4544
timm/vit_giant_patch16_sapiens2 5822
timm/vit_giantopt_patch16_siglip_256 4653
timm/vit_giantopt_patch16_siglip_384 4655
timm/vit_giantopt_patch16_siglip_gap_256 4539
timm/vit_giantopt_patch16_siglip_gap_384 4541
timm/vit_gigantic_patch14_clip_224 7380
timm/vit_gigantic_patch14_clip_378 7383
timm/vit_gigantic_patch14_clip_quickgelu_224 7380
timm/vit_huge_patch14_224 2523
timm/vit_huge_patch14_clip_224 2528 laion2b_ft_in12k=2584
timm/vit_huge_patch14_clip_336 2530
timm/vit_huge_patch14_clip_378 2531
timm/vit_huge_patch14_clip_quickgelu_224 2528
timm/vit_huge_patch14_clip_quickgelu_378 2531
timm/vit_huge_patch14_gap_224 2523
timm/vit_huge_patch16_gap_448 2527
timm/vit_huge_patch16_radio_v3 2528
timm/vit_huge_patch16_radio_v4 2528
timm/vit_huge_patch16_sapiens2 3257
timm/vit_huge_plus_patch16_dinov3 3362
timm/vit_huge_plus_patch16_dinov3_qkvb 3362
timm/vit_intern300m_patch14_448 1216
timm/vit_large_patch14_clip_224 1216 laion2b_ft_in12k_in1k=1217 laion2b_ft_in12k=1261 laion2b_ft_in1k=1217 openai_ft_in12k=1261 openai_ft_in12k_in1k=1217 openai_ft_in1k=1217
timm/vit_large_patch14_clip_336 1218 openai=1217
timm/vit_large_patch14_clip_quickgelu_224 1216
timm/vit_large_patch14_clip_quickgelu_336 1217
timm/vit_large_patch14_dinov2 1217
timm/vit_large_patch14_reg1_tipsv2 1216
timm/vit_large_patch14_reg4_dinov2 1217
timm/vit_large_patch16_224 1213 augreg_in21k_ft_in1k=1217 augreg_in21k=1303
timm/vit_large_patch16_384 1219
timm/vit_large_patch16_dinov3 1212
timm/vit_large_patch16_dinov3_qkvb 1213
timm/vit_large_patch16_lingbot 1213
timm/vit_large_patch16_radio_v3 1217
timm/vit_large_patch16_rope_224 1217
timm/vit_large_patch16_rope_ape_224 1217
timm/vit_large_patch16_rope_mixed_224 1217
timm/vit_large_patch16_rope_mixed_ape_224 1218
timm/vit_large_patch16_sapiens2 1582
timm/vit_large_patch16_siglip_256 1264
timm/vit_large_patch16_siglip_384 1265
timm/vit_large_patch16_siglip_512 1267
timm/vit_large_patch16_siglip_gap_256 1213
timm/vit_large_patch16_siglip_gap_384 1215
timm/vit_large_patch16_siglip_gap_512 1217
timm/vit_large_patch32_224 1222
timm/vit_large_patch32_384 1227
timm/vit_large_r50_s32_224 1316 augreg_in21k=1401
timm/vit_large_r50_s32_384 1316
timm/vit_little_patch16_reg1_gap_256 90 sbb_in12k=104
timm/vit_little_patch16_reg4_gap_256 90
timm/vit_medium_patch16_clip_224 154
timm/vit_medium_patch16_gap_240 178
timm/vit_medium_patch16_gap_256 155
timm/vit_medium_patch16_gap_384 156
timm/vit_medium_patch16_reg1_gap_256 156
timm/vit_medium_patch16_reg4_gap_256 156 sbb_in12k=178
timm/vit_medium_patch16_rope_reg1_gap_256 155
timm/vit_medium_patch32_clip_224 159
timm/vit_mediumd_patch16_reg4_gap_256 256 sbb2_e200_in12k=279 sbb_in12k=279
timm/vit_mediumd_patch16_reg4_gap_384 257
timm/vit_mediumd_patch16_rope_reg1_gap_256 256
timm/vit_pe_core_base_patch16_224 375
timm/vit_pe_core_gigantic_patch14_448 7528
timm/vit_pe_core_large_patch14_336 1269
timm/vit_pe_core_small_patch16_384 95
timm/vit_pe_core_tiny_patch16_384 25
timm/vit_pe_lang_gigantic_patch14_448 6964
timm/vit_pe_lang_large_patch14_448 1166
timm/vit_pe_spatial_base_patch16_512 346
timm/vit_pe_spatial_gigantic_patch14_448 7408
timm/vit_pe_spatial_large_patch14_448 1216
timm/vit_pe_spatial_small_patch16_512 88
timm/vit_pe_spatial_tiny_patch16_512 23
timm/vit_pwee_patch16_reg1_gap_256 61
timm/vit_relpos_base_patch16_224 346
timm/vit_relpos_base_patch16_clsgap_224 346
timm/vit_relpos_base_patch32_plus_rpn_256 478
timm/vit_relpos_medium_patch16_224 155
timm/vit_relpos_medium_patch16_cls_224 155
timm/vit_relpos_medium_patch16_rpn_224 155
timm/vit_relpos_small_patch16_224 88
timm/vit_small_patch8_224 87
timm/vit_small_patch14_dinov2 88
timm/vit_small_patch14_reg4_dinov2 88
timm/vit_small_patch16_224 88 augreg_in21k=120 dino=87
timm/vit_small_patch16_384 89
timm/vit_small_patch16_dinov3 86
timm/vit_small_patch16_dinov3_qkvb 86
timm/vit_small_patch16_lingbot 86
timm/vit_small_patch16_rope_224 88
timm/vit_small_patch16_rope_ape_224 88
timm/vit_small_patch16_rope_mixed_224 88
timm/vit_small_patch16_rope_mixed_ape_224 88
timm/vit_small_patch32_224 92 augreg_in21k=124
timm/vit_small_patch32_384 92
timm/vit_small_plus_patch16_dinov3 115
timm/vit_small_plus_patch16_dinov3_qkvb 115
timm/vit_small_r26_s32_224 146 augreg_in21k=178
timm/vit_small_r26_s32_384 146
timm/vit_so150m2_patch16_reg1_gap_256 544 sbb_e200_in12k=580
timm/vit_so150m2_patch16_reg1_gap_384 545
timm/vit_so150m2_patch16_reg1_gap_448 546
timm/vit_so150m_patch16_reg4_gap_256 537 sbb_e250_in12k=575
timm/vit_so150m_patch16_reg4_gap_384 538
timm/vit_so400m_patch14_reg1_tipsv2 1654
timm/vit_so400m_patch14_siglip_224 1711
timm/vit_so400m_patch14_siglip_378 1713 webli_ft_in1k=1718
timm/vit_so400m_patch14_siglip_384 1713
timm/vit_so400m_patch14_siglip_gap_224 1650
timm/vit_so400m_patch14_siglip_gap_378 1652 webli_ft_in1k=1657
timm/vit_so400m_patch14_siglip_gap_384 1652
timm/vit_so400m_patch14_siglip_gap_448 1653
timm/vit_so400m_patch14_siglip_gap_896 1667
timm/vit_so400m_patch16_radio_v4 1654
timm/vit_so400m_patch16_siglip_256 1712
timm/vit_so400m_patch16_siglip_384 1713
timm/vit_so400m_patch16_siglip_512 1715
timm/vit_so400m_patch16_siglip_gap_256 1651
timm/vit_so400m_patch16_siglip_gap_384 1652
timm/vit_so400m_patch16_siglip_gap_512 1654
timm/vit_srelpos_medium_patch16_224 155
timm/vit_srelpos_small_patch16_224 88
timm/vit_tiny_patch16_224 23 augreg_in21k=39
timm/vit_tiny_patch16_384 23
timm/vit_tiny_patch16_dinov3_qkvb 22
timm/vit_tiny_r_s16_p8_224 25 augreg_in21k=41
timm/vit_tiny_r_s16_p8_384 25
timm/vit_wee_patch16_reg1_gap_256 54
timm/vit_xsmall_patch16_clip_224 33
timm/vitamin_base_224 351
timm/vitamin_large2_224 1334
timm/vitamin_large2_256 1335
timm/vitamin_large2_336 1335
timm/vitamin_large2_384 1336
timm/vitamin_large_224 1333
timm/vitamin_large_256 1334
timm/vitamin_large_336 1334
timm/vitamin_large_384 1335
timm/vitamin_small_224 89 datacomp1b_clip=88
timm/vitamin_xlarge_256 1744
timm/vitamin_xlarge_336 1744
timm/vitamin_xlarge_384 1744
timm/volo_d1_224 107
timm/volo_d1_384 107
timm/volo_d2_224 235
timm/volo_d2_384 235
timm/volo_d3_224 345
timm/volo_d3_448 347
timm/volo_d4_224 772
timm/volo_d4_448 774
timm/volo_d5_224 1182
timm/volo_d5_448 1184
timm/volo_d5_512 1184
timm/wide_resnet50_2 276
timm/wide_resnet101_2 508
timm/xception41 108
timm/xception41p 108
timm/xception65 160
timm/xception65p 160
timm/xception71 170
timm/xcit_large_24_p8_224 756
timm/xcit_large_24_p8_384 756
timm/xcit_large_24_p16_224 757
timm/xcit_large_24_p16_384 757
timm/xcit_medium_24_p8_224 337
timm/xcit_medium_24_p8_384 337
timm/xcit_medium_24_p16_224 338
timm/xcit_medium_24_p16_384 338
timm/xcit_nano_12_p8_224 12
timm/xcit_nano_12_p8_384 12
timm/xcit_nano_12_p16_224 12
timm/xcit_nano_12_p16_384 12
timm/xcit_small_12_p8_224 105
timm/xcit_small_12_p8_384 105
timm/xcit_small_12_p16_224 105
timm/xcit_small_12_p16_384 105
timm/xcit_small_24_p8_224 191
timm/xcit_small_24_p8_384 191
timm/xcit_small_24_p16_224 191
timm/xcit_small_24_p16_384 191
timm/xcit_tiny_12_p8_224 27
timm/xcit_tiny_12_p8_384 27
timm/xcit_tiny_12_p16_224 27
timm/xcit_tiny_12_p16_384 27
timm/xcit_tiny_24_p8_224 48
timm/xcit_tiny_24_p8_384 48
timm/xcit_tiny_24_p16_224 49
timm/xcit_tiny_24_p16_384 49
"""

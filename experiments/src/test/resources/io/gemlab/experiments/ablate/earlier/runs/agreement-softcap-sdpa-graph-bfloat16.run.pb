%agreement-softcap-sdpa-graph-bfloat16old-records/agreement"softcap + sdpa2
	attentionsdpa2
cap50.02
pathgraph2
dtypebfloat16:ë–§Ø²¢ÂBë–§Ø¤ôýJýøsdpa attention refuses: fused scaled dot-product kernels have no place for the attention softcap of 50.0; choose eager or blockwise attention, a model without the cap, or allow the deviation (--allow-deviation, or allow_deviation: true in a recipe)R—
0.1.0-SNAPSHOT(01aa962761361e34e0ecd0f848dbb57f1510a88c"%./gemlab ablate small.yaml --out old2*25.0.3+9-LTS, Eclipse Adoptium2
TensorFlow Java1.1.02
Tribuo4.3.2:Linux 6.18.44-fc-v595, amd64BAMD EPYCJavxJavx2Javx512_bf16Javx512_bitalgJavx512_vbmi2Javx512_vnniJavx512_vpopcntdqJavx512bwJavx512cdJavx512dqJavx512fJ
avx512ifmaJ
avx512vbmiJavx512vlJf16cJfmaJsmepJsse4_1Jsse4_2PX€€ä”^bµ
JVM options¥--enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow -Dorg.bytedeco.javacpp.maxPhysicalBytes=0 -Dorg.bytedeco.javacpp.maxBytes=0 -XX:+UseSerialGCb(
GLIBC_TUNABLESglibc.malloc.hugetlb=1b
TF_CPP_MIN_LOG_LEVEL2Zžname: old-records
question: Does the report of an earlier version still render?
preset: tiny
config:
  num_hidden_layers: 2
  hidden_size: 32
  intermediate_size: 64
  num_attention_heads: 2
  num_key_value_heads: 1
  head_dim: 16
  query_pre_attn_scalar: 16
arms:
- name: softcap + eager
  attention: eager
- name: softcap + blockwise
  attention: blockwise
- name: no cap + eager
  attention: eager
  config:
    attn_logit_softcapping: null
- name: softcap + sdpa
  attention: sdpa
training:
  corpus: built-in
  tokenizer: bytes
  path: graph
  dtype: float32
  seeds:
  - 1
  - 2
  steps: 6
  batch: 4
  length: 32
  learning_rate: 0.004
  warmup_steps: 2
  weight_decay: 0.1
  max_grad_norm: 1.0
  validation_fraction: 0.1
  validation_sequences: 8
  evaluate_every: 3
  equivalence_margin: 0.02
timing:
  paths:
  - graph
  dtype: float32
  batch: 1
  lengths:
  - 16
  - 32
  samples: 5
  arms:
  - softcap + eager
  - softcap + blockwise
  - no cap + eager
agreement:
  paths:
  - graph
  dtypes:
  - float32
  - bfloat16
  rows: 2
  length: 16
}­‚°è